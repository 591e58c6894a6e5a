"""Write docs/openapi.json and docs/access.md anew; refuse a change that breaks clients.

Unless --break says so.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import client_code

from ringroad.service.access_page import access_page
from ringroad.service.build import description
from ringroad.service.changes import breaking

FILE = Path(__file__).parents[1] / "docs" / "openapi.json"
TABLE = FILE.with_name("access.md")


def main() -> int:
    """Compare with what is committed, then write."""
    now = description()
    if FILE.exists():
        found = breaking(json.loads(FILE.read_text()), now)
        if found and "--break" not in sys.argv:
            print("\n".join(found), "give the API a new version, or say --break", sep="\n")
            return 1
    FILE.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n")
    TABLE.write_text(access_page(now))
    client_code.prepare(now)
    print(f"{client_code.FOLDER}: {client_code.write(now)} files")
    print(f"{FILE}: {len(now['paths'])} addresses")
    return 0


if __name__ == "__main__":
    sys.exit(main())
