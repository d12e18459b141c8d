"""Looks through the only file there is, imports its last rows, and prints the peak of its memory
in kB (Linux): what a worker needs that takes up a large file close to its end.
"""

import django

#: So many rows are stored; all before them are only read.
LAST = 4_000


def main() -> None:
    django.setup()
    from django.utils import timezone

    from bench.files import FOREVER
    from bench.importer import STATUS
    from revenue.looking import look_through
    from revenue.models import Upload
    from revenue.uploading import begin_import, import_rows

    upload = Upload.objects.get()
    look_through(upload=upload, now=timezone.now())
    begin_import(upload=upload, now=timezone.now())
    Upload.objects.update(rows_done=max(upload.rows - LAST, 0))
    import_rows(upload=upload, until=timezone.now() + FOREVER)
    lines = STATUS.read_text().splitlines()
    print(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")))


if __name__ == "__main__":
    main()
