"""How to break each constraint of files that are brought, by the constraint's name."""

from tests.factories import (
    CreatorFactory,
    PaymentLinkFactory,
    SkippedRowFactory,
    StatementFactory,
    UploadFactory,
    UploadPartFactory,
)
from tests.fans.constraints import twice

CASES = {
    "upload_that_counts_has_a_source": lambda: UploadFactory(
        source=None, creator=CreatorFactory(), state="done"
    ),
    "upload_says_why_it_failed": lambda: UploadFactory(state="failed"),
    "upload_part_is_kept_once": lambda: twice(UploadPartFactory, upload=UploadFactory(), number=1),
    "statement_is_stored_once": lambda: twice(
        StatementFactory, upload=UploadFactory(), external_id="row-1"
    ),
    "link_is_stored_once": lambda: twice(
        PaymentLinkFactory, upload=UploadFactory(), external_id="row-1", value="ch_1"
    ),
    "row_is_skipped_once": lambda: twice(SkippedRowFactory, upload=UploadFactory(), line=2),
}
