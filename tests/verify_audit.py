"""Verifies an AIOS audit database with the standard library only. Format: docs/formats/audit-v1.md.

usage: verify_audit.py DATABASE TENANT < master as 64 hexadecimal digits
"""
import hashlib, hmac, sqlite3, struct, sys

OPEN, CLOSE, ENDS_COMMIT = 1, 6, 0x0100

class Wrong(Exception):
    """Names the first bad record."""

def demand(good, seq, what):
    if not good:
        raise Wrong(f"record {seq}: {what}")

def H(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()

def u64(number):
    return number.to_bytes(8, "big")

def LP(*parts):
    return b"".join(u64(len(part)) + part for part in parts)

def verify_chain(master, deployment, tenant, chain, head, records):
    """Returns the number of records. `head` is (epoch, commits, records, last, tag), `records` are (seq, frame)."""
    prev = hashlib.sha256(LP(b"aios-audit/v1/genesis", deployment, tenant, chain)).digest()
    epoch, commit, seq, kind, ends = 0, -1, 0, None, True
    for place, frame in records:
        demand(len(frame) >= 108, seq, "frame")
        header, body, mac = frame[:76], frame[76:-32], frame[-32:]
        if ends:
            epoch, commit = (epoch + 1, 0) if kind == CLOSE else (epoch, commit + 1)
            k0 = LP(b"aios-audit/v1/epoch", tenant, chain, u64(epoch))
            key = H(master, k0) if commit == 0 else H(key, b"next")
        expected = (1, chain, epoch, commit, seq)
        *found, flags, link = struct.unpack(">H16sQQQH32s", header)
        demand((place, link, *found) == (seq, prev, *expected), seq, "header")
        kind, ends = flags & ~ENDS_COMMIT, bool(flags & ENDS_COMMIT)
        demand(OPEN <= kind <= CLOSE and (kind == OPEN) == (seq == 0) and (ends or kind != CLOSE), seq, "type")
        good = H(H(key, b"mac"), LP(b"aios-audit/v1/record", header, body))
        demand(hmac.compare_digest(good, mac), seq, "mac")
        seq, prev = seq + 1, mac
    demand(seq and head and ends and tuple(head[:4]) == (epoch, commit + 1, seq, prev), seq, "head")
    covered = LP(b"aios-audit/v1/head", chain, u64(epoch), u64(commit + 1), u64(seq), prev)
    demand(hmac.compare_digest(H(H(H(key, b"next"), b"head"), covered), head[4]), seq, "head tag")
    return seq

if __name__ == "__main__":
    database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    tenant, master, total = sys.argv[2], bytes.fromhex(sys.stdin.read()), 0
    for chain, deployment in database.execute("SELECT chain, deployment FROM audit_chain WHERE tenant = ?", (tenant,)):
        head = database.execute("SELECT epoch, commits, records, last, tag FROM audit_head WHERE chain = ?", (chain,))
        records = database.execute("SELECT seq, frame FROM audit_record WHERE chain = ? ORDER BY seq", (chain,))
        try:
            total += verify_chain(master, deployment.encode(), tenant.encode(), chain, head.fetchone(), records)
        except Wrong as wrong:
            sys.exit(f"chain {chain.hex()}: {wrong}")
    print(f"{total} records of {tenant} are whole")
