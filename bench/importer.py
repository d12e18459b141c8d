"""Imports the only source there is, and prints the peak of its own memory in kB (Linux).

What getrusage tells would begin at the size of the process that started this one.
"""

from pathlib import Path

import django

STATUS = Path("/proc/self/status")


def main() -> None:
    django.setup()
    from bench.importing import bring_in
    from revenue.models import Source

    bring_in(Source.objects.get())
    lines = STATUS.read_text().splitlines()
    print(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")))


if __name__ == "__main__":
    main()
