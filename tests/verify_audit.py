"""Verifies an AIOS audit database with the standard library only. Format: docs/formats/audit-v1.md.

usage: verify_audit.py DATABASE TENANT < master as 64 hexadecimal digits
"""

import hashlib
import hmac
import sqlite3
import sys


def H(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def u64(number):
    return number.to_bytes(8, "big")


def LP(*parts):
    return b"".join(u64(len(part)) + part for part in parts)


def verify_chain(master, deployment, tenant, chain, head, records):
    """Returns the number of records, or raises AssertionError naming the first bad one."""
    epoch_key = lambda epoch: H(master, LP(b"aios-audit/v1/epoch", tenant, chain, u64(epoch)))
    prev = hashlib.sha256(LP(b"aios-audit/v1/genesis", deployment, tenant, chain)).digest()
    epoch = commit = seq = 0
    key, ended, closed = epoch_key(0), False, False
    for stored_seq, frame in records:
        header, body, mac = frame[:76], frame[76:-32], frame[-32:]
        number = lambda at, size: int.from_bytes(header[at : at + size], "big")
        flags = number(42, 2)
        if closed:
            epoch, commit = epoch + 1, 0
            key = epoch_key(epoch)
        elif ended:
            commit, key = commit + 1, H(key, b"next")
        expected = (1, chain, epoch, commit, seq, seq, prev)
        found = (number(0, 2), header[2:18], number(18, 8), number(26, 8), number(34, 8), stored_seq, header[44:])
        assert found == expected, f"record {seq}: header"
        assert (flags & 0xFF == 1) == (seq == 0), f"record {seq}: type"
        good = H(H(key, b"mac"), LP(b"aios-audit/v1/record", header, body))
        assert hmac.compare_digest(good, mac), f"record {seq}: mac"
        ended = bool(flags & 0x100)
        closed = ended and flags & 0xFF == 6
        seq, prev = seq + 1, mac
    assert head is not None and head[:4] == (epoch, commit + 1, seq, prev) and ended, f"record {seq}: head"
    covered = LP(b"aios-audit/v1/head", chain, u64(epoch), u64(commit + 1), u64(seq), prev)
    assert hmac.compare_digest(H(H(H(key, b"next"), b"head"), covered), head[4]), f"record {seq}: head tag"
    return seq


def main():
    database = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    tenant, master = sys.argv[2], bytes.fromhex(sys.stdin.read().strip())
    total = 0
    for chain, deployment in database.execute("SELECT chain, deployment FROM audit_chain WHERE tenant = ?", (tenant,)):
        head = database.execute("SELECT epoch, commits, records, last, tag FROM audit_head WHERE chain = ?", (chain,))
        records = database.execute("SELECT seq, frame FROM audit_record WHERE chain = ? ORDER BY seq", (chain,))
        try:
            total += verify_chain(master, deployment.encode(), tenant.encode(), chain, head.fetchone(), records)
        except AssertionError as wrong:
            sys.exit(f"chain {chain.hex()}: {wrong}")
    print(f"{total} records of {tenant} are whole")


if __name__ == "__main__":
    main()
