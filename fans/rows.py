"""Rows as JSON, to be put back one day exactly as they were."""

from typing import Any

from django.db.models import Field, ForeignKey, Model

Kept = dict[str, Any]


def kept(row: Model) -> Kept:
    """All columns of `row`, as text or nothing."""
    columns = {}
    for field in row._meta.concrete_fields:
        is_nothing = field.value_from_object(row) is None
        columns[field.attname] = None if is_nothing else field.value_to_string(row)
    return columns


def value_of(model: type[Model], column: str, columns: Kept) -> Any:
    """What stood in a `column` of a row that was `kept`; its default if there was none then."""
    field = next(field for field in model._meta.concrete_fields if field.attname == column)
    return field.to_python(columns[column]) if column in columns else field.get_default()


def put_back(model: type[Model], columns: Kept) -> Model | None:
    """Store a row that was `kept`, with its own id; None if what it belongs to is gone.

    What it only mentions (who wrote it) is left out if that is gone.
    """
    row = model()
    for field in model._meta.concrete_fields:
        value = value_of(model, field.attname, columns)
        if _is_gone(field, value):
            if not field.null:
                return None
            value = None
        setattr(row, field.attname, value)
    # As it was: no moment is set anew.
    row.save_base(raw=True, force_insert=True)
    return row


def _is_gone(field: Field, value: Any) -> bool:
    """Whether `value` is the id of a row that is not there any more."""
    if value is None or not isinstance(field, ForeignKey):
        return False
    return not field.related_model._base_manager.filter(pk=value).exists()
