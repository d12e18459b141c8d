"""How to break each constraint of files that are brought, and of what is told at once, by the
constraint's name."""

from tests.factories import (
    NOW,
    CreatorFactory,
    InboxFactory,
    MessageFactory,
    PaymentLinkFactory,
    SkippedRowFactory,
    SourceFactory,
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
    "told_at_once_is_stored_once": lambda: twice(
        StatementFactory, upload=None, source=SourceFactory(), external_id="g1"
    ),
    "link_told_at_once_is_stored_once": lambda: twice(
        PaymentLinkFactory, upload=None, source=SourceFactory(), external_id="g1", value="pi_1"
    ),
    "inbox_address_is_one_sources": lambda: twice(InboxFactory, digest="0" * 64),
    "inbox_says_why_it_refused": lambda: InboxFactory(refused_at=NOW),
    "message_is_stored_once": lambda: twice(
        MessageFactory, source=SourceFactory(), external_id="0" * 64
    ),
    "row_is_skipped_once": lambda: twice(SkippedRowFactory, upload=UploadFactory(), line=2),
}
