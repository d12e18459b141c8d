"""Files as Bandcamp and Ko-fi let their creators download them, with all their columns."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from demo.buyers import Buyer
from truefans.money import share, to_major

BANDCAMP = (
    "date,paid to,item type,item name,artist,currency,item price,quantity,discount code,sub total,"
    "additional fan contribution,tax rate,seller tax,marketplace tax,shipping,ship from country"
    " name,transaction fee,fee type,item total,amount you received,bandcamp transaction id,paypal"
    " transaction id,net amount,package,option,item url,catalog number,upc,isrc,buyer name,buyer"
    " email,buyer phone,buyer note,ship to name,ship to street,ship to street 2,ship to city,ship"
    " to state,ship to zip,ship to country,ship to country code,ship date,ship notes,country,"
    "country code,region or state,city,referer,referer url,sku"
)
KOFI = (
    "DateTime (UTC),From,Message,Item,Received,Given,Currency,TransactionType,TransactionId,"
    "Reference,SalesTax,SalesTaxPercentage,SalesTaxIncludesShipping,BuyerCountry,"
    "BuyerStateOrProvince,BuyerEmail,PaymentProvider"
)

Row = dict[str, object]

#: What Bandcamp keeps of a thing and of a download, and what the payment costs: per cent, and the
#: least of it in minor units.
SHARE, SHARE_OF_DOWNLOADS, FEE, LEAST_FEE = 10, 15, 4, 25


@dataclass(frozen=True, slots=True)
class Ware:
    """Something on Bandcamp; amounts in minor units. `package` is Bandcamp's word for its kind."""

    name: str
    package: str
    price: int
    shipping: int = 0

    @property
    def is_download(self) -> bool:
        return not self.shipping


@dataclass(frozen=True, slots=True)
class Order:
    """A sale on Bandcamp; `more` is what the buyer gave beyond the price."""

    at: datetime
    buyer: Buyer
    ware: Ware
    more: int = 0
    note: str = ""
    is_given_back: bool = False

    @property
    def total(self) -> int:
        return self.ware.price + self.more + self.ware.shipping


@dataclass(frozen=True, slots=True)
class Tip:
    """A payment on Ko-fi; without a `buyer` it came from nobody who said who they are."""

    at: datetime
    buyer: Buyer | None
    amount: int
    item: str = "Ko-fi Support"
    kind: str = "Tip"
    message: str = ""
    provider: str = "PayPal"
    is_given: bool = False


def bandcamp(
    orders: Iterable[Order], paid_out: Iterable[datetime], *, artist: str, currency: str
) -> bytes:
    """The raw data of `orders`, oldest first, with the payouts between them."""
    rows = [
        (order.at, _order(order, number, artist=artist, currency=currency))
        for number, order in enumerate(sorted(orders, key=lambda order: order.at), start=1)
    ]
    rows += [(at, {"item type": "payout", "currency": currency}) for at in paid_out]
    rows.sort(key=lambda row: row[0])
    return _table(BANDCAMP, [row | {"date": _date(at)} for at, row in rows]).encode("utf-16")


def _order(order: Order, number: int, *, artist: str, currency: str) -> Row:
    ware = order.ware
    fee = max(order.total * FEE // 100, LEAST_FEE)
    kept = share(ware.price + order.more, SHARE_OF_DOWNLOADS if ware.is_download else SHARE, 100)
    amounts = {
        "item price": ware.price,
        "sub total": ware.price,
        "additional fan contribution": order.more,
        "shipping": ware.shipping,
        "transaction fee": fee,
        "item total": order.total,
        "amount you received": order.total - fee,
        "net amount": order.total - fee - kept - ware.shipping,
    }
    sign = -1 if order.is_given_back else 1
    row: Row = {name: to_major(sign * amount, currency) for name, amount in amounts.items()}
    return row | {
        "paid to": "Bandcamp",
        "item type": "refund" if order.is_given_back else _type(ware),
        "item name": ware.name,
        "artist": artist,
        "currency": currency,
        "quantity": 1,
        "fee type": "paypal",
        "bandcamp transaction id": 3_500_000_000 + number * 1_117,
        "package": ware.package,
        "buyer name": order.buyer.name,
        "buyer email": order.buyer.email,
        "buyer note": order.note,
        "country code": order.buyer.country,
    }


def _date(at: datetime) -> str:
    """As `1/2/26 3:04pm`."""
    half = "am" if at.hour < 12 else "pm"
    return f"{at.month}/{at.day}/{at:%y} {at.hour % 12 or 12}:{at:%M}{half}"


def _type(ware: Ware) -> str:
    return "album" if ware.is_download else "package"


def kofi(tips: Iterable[Tip], *, currency: str) -> bytes:
    """The transactions of `tips`, oldest first."""
    rows = []
    for number, tip in enumerate(sorted(tips, key=lambda tip: tip.at), start=1):
        buyer = tip.buyer or Buyer("Ko-fi Supporter", "", "")
        amount, nothing = to_major(tip.amount, currency), to_major(0, currency)
        row = {
            "DateTime (UTC)": f"{tip.at:%Y-%m-%dT%H:%M:%SZ}",
            "From": "(you)" if tip.is_given else buyer.name,
            "Message": tip.message,
            "Item": tip.item,
            "Received": nothing if tip.is_given else amount,
            "Given": amount if tip.is_given else nothing,
            "Currency": currency,
            "TransactionType": tip.kind,
            "TransactionId": f"kf-{number:06}",
            "BuyerCountry": buyer.country,
            "BuyerEmail": buyer.email,
            "PaymentProvider": tip.provider,
        }
        rows.append(row)
    return _table(KOFI, rows).encode("utf-8-sig")


def _table(header: str, rows: Iterable[Row]) -> str:
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, header.split(","), restval="")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()
