"""How each of the demo's creators is with their people, in their own words."""

from dataclasses import dataclass

from fans.models import Perk, Touch

Kind = Touch.Kind


@dataclass(frozen=True)
class Manner:
    """`words` by the kind of touch, in which {what} is what was bought, or `something`. `ways` they
    are in touch by, the usual ones more often. `silence`: which part of what was bought is followed
    by no word; `answers`: which part of the words is answered. `perks` (name, what it is, how
    often) from the lowest tier on."""

    ways: tuple[Kind, ...]
    words: dict[Kind, tuple[str, ...]]
    silence: float
    answers: float
    something: str
    how_we_met: tuple[str, ...]
    cares_about: tuple[str, ...]
    notes: tuple[str, ...]
    tags: tuple[str, ...]
    household: str
    perks: tuple[tuple[str, str, Perk.Every], ...]


BAND = Manner(
    ways=(Kind.THANKED, Kind.THANKED, Kind.WROTE, Kind.MET, Kind.CALLED),
    words={
        Kind.THANKED: (
            "Put a card in with {what}: thank you for staying with us.",
            "Thanked them for {what}, and told them where the middle eight comes from.",
            "A line of thanks for {what}; asked which side they play first.",
        ),
        Kind.WROTE: (
            "Asked whether {what} arrived in one piece. The last ones came with bent corners.",
            "Sent the setlist of the evening they could not come to.",
            "Told them that we are nearby in spring, and that the door list is theirs.",
        ),
        Kind.MET: (
            "At the table after the show. They had come by train, and ran for the last one.",
            "Outside in the queue, in the rain. Signed their copy on somebody's back.",
            "Carried the organ in with us, and stayed for soup.",
        ),
        Kind.CALLED: (
            "Rang about a sleeve that was printed upside down. They want to keep it.",
            "Talked for a while about the tour diary; they would buy it as a book.",
        ),
        Kind.THEY_WROTE: (
            "Sent a picture of the record on the kitchen shelf, between the tea and the dog food.",
            "“We danced to the last song at our wedding. I thought you should know.”",
            "Asked whether the first single will ever be pressed again.",
            "“No need to answer. It got me through a long winter.”",
        ),
    },
    silence=0.35,
    answers=0.3,
    something="the club record",
    how_we_met=(
        "Came to the second show we ever played; there were nine people.",
        "Wrote to the radio about us, and the radio told us.",
        "Helped to push the van in Leeds.",
        "A friend of Zoë's, who brought half a row.",
    ),
    cares_about=(
        "The brass. Plays the cornet in a works band.",
        "Sleeves: collects them, and asks who drew which.",
        "Lyrics. Translates them for an aunt in Lyon.",
        "That the shows have a ramp. Tell them before tickets go on sale.",
        "Old tape machines; has mended one of ours.",
    ),
    notes=(
        "Vinyl only. Please no more download codes.",
        "Moved in with her daughter; the parcels go there now.",
        "Would rather not be named on the sleeve.",
        "Offered a floor and breakfast for four, any time.",
        "Lost his father this year. Go easy with the jokes.",
        "Left-handed guitarist, looking for a band.",
    ),
    tags=("Street team", "Vinyl only", "Puts us up", "Plays brass", "Press"),
    household="The house by the canal",
    perks=(
        ("First listen", "Every new song a week before everybody.", Perk.Every.YEAR),
        ("A postcard from the road", "Written in the van, hence the hand.", Perk.Every.YEAR),
        (
            "Name on the sleeve",
            "Of the next record, unless they would rather not.",
            Perk.Every.ONCE,
        ),
    ),
)
LETTERS = Manner(
    ways=(Kind.WROTE, Kind.WROTE, Kind.THANKED, Kind.CALLED),
    words={
        Kind.THANKED: (
            "Thanked them for {what}, on the back of a pressed fern.",
            "A word of thanks, and which page was the hardest to write.",
        ),
        Kind.WROTE: (
            "Answered their question about the ink: iron gall, and patience.",
            "Wrote how the pear tree is doing, since they had asked.",
            "Sent the recipe that the third letter only hints at.",
        ),
        Kind.CALLED: ("Talked about their mother's letters, of which they have a suitcase full.",),
        Kind.THEY_WROTE: (
            "Four pages, in green ink. Read them twice, answer in the garden.",
            "“I read your letters aloud to my neighbour, who cannot see any more.”",
            "Sent back a leaf from the park that the letter was about.",
        ),
    },
    silence=0.15,
    answers=0.5,
    something="reading along",
    how_we_met=(
        "At the book market, over the same box of postcards.",
        "Found a letter of mine in a train, and answered it.",
        "A friend of a friend from the choir.",
    ),
    cares_about=(
        "Paper. Knows every mill that still makes it.",
        "Gardens in cities, and who waters them.",
        "Hearing from somebody on Sundays, which are long.",
    ),
    notes=(
        "Large writing, please: the eyes.",
        "Prefers to be written to in German.",
        "Gives each letter to the library afterwards.",
        "Has been ill in spring. Ask how she is.",
    ),
    tags=("Writes back", "From the choir", "Reads aloud"),
    household="Rue des Lilas",
    perks=(
        ("A bookmark", "Cut from the proofs.", Perk.Every.YEAR),
        ("A letter for their birthday", "To them, and to nobody else.", Perk.Every.YEAR),
        (
            "The first page",
            "Of the year's first draft, with everything crossed out.",
            Perk.Every.YEAR,
        ),
    ),
)
#: By the creator's handle.
MANNERS = {"lantern-quarter": BAND, "marguerite": LETTERS}
