"""Licences and bans of every crate that is linked. Standard library only: cargo-deny takes longer to build than AIOS."""

import subprocess
import sys

ALLOWED = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "OpenSSL", "Unicode-3.0", "Unlicense", "Zlib",
}
BANNED = {
    "openssl-sys": "one C library for cryptography is enough: aws-lc",
    "ring": "one C library for cryptography is enough: aws-lc",
    "native-tls": "TLS is rustls with aws-lc",
    "rand": "randomness is the operating system's on each call; a userspace generator is copied by fork",
}


def acceptable(expression):
    """An SPDX expression of AND, OR and parentheses, with every alternative that must hold in ALLOWED."""
    words = expression.replace("/", " OR ").replace("(", " ( ").replace(")", " ) ").replace(" WITH ", "_WITH_").split()
    parts = [
        w.lower() if w in ("AND", "OR") else w if w in "()" else str(w.replace("_WITH_", " WITH ") in ALLOWED) for w in words
    ]
    return eval(" ".join(parts), {"__builtins__": {}})  # only True, False, and, or, ( and ) are left


def linked(*arguments):
    """Name to licence of every crate that the arguments select, for this platform and these features."""
    command = ["cargo", "tree", "--locked", "--prefix=none", "--format={p}|{l}", *arguments]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[0]: line.split("|")[1].removesuffix(" (*)") for line in lines if "|" in line}


everything = linked("--workspace", "--edges=normal,build,dev")
product = linked("--package=aios-core", "--edges=normal")
wrong = [f"{name}: licence {licence}" for name, licence in everything.items() if not acceptable(licence or "NONE")]
wrong += [f"{name}: banned, {BANNED[name]}" for name in product if name in BANNED]
sys.exit("\n".join(wrong)) if wrong else print(f"licences of {len(everything)} crates and {len(BANNED)} bans hold")
