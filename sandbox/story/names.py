"""Where the people of the story live and what they are called.

A name that is not written in Latin letters says after `=` how its owner writes it in an address.
"""

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Place:
    """`family_first` is the order in which a full name is written there."""

    country: str
    cities: tuple[str, ...]
    given: tuple[str, ...]
    family: tuple[str, ...]
    family_first: bool = False

    def full(self, given: str, family: str) -> str:
        return f"{family} {given}" if self.family_first else f"{given} {family}"

    def others(self, family: str) -> tuple[str, ...]:
        """The family names that are not in `family`; if all are, all."""
        return tuple(n for n in self.family if n.partition("=")[0] not in family) or self.family


_PLACES = {
    "GB": (
        "Bristol|London|Leeds|Glasgow|Manchester|Cardiff|Norwich|Sheffield|Belfast|Newcastle|York",
        "Zoë|Oliver|Chloë|Imogen|Rhys|Aoife|Callum|Priya|Hamish|Beatrix|Tomos|Eilidh|Amara|Jude|"
        "Harriet|Kwame|Freya|Gethin|Nadia|Rory|Winifred|Isaac|Siân|Malcolm|Tabitha|Yusuf|Edith|"
        "Angus|Poppy|Desmond|Rosalind|Theo|Morag|Felix|Leila|Graham|Olwen|Samuel|Ivy|Duncan|"
        "Florence|Ahmed|Pippa|Ewan|Margaret|Toby|Anwen|Louis|Hester|Craig",
        "Ashworth|Bramley|Okafor|MacLeod|Pritchard|Hartley|Singh|Fairweather|Llewellyn|Khan|"
        "Ogilvie|Thistlewood|Rowntree|Achebe|Penhaligon|Sutcliffe|Begum|Drummond|Whitlock|Marlowe|"
        "Pembroke|Adeyemi|Carmichael|Holloway|Patel|Trevelyan|Ramsbottom|Vaughan|Blackwood|Mistry|"
        "Haworth|Fairbairn|Quill|Osborne|Gallagher|Winterbourne|Lockhart|Nasser|Tregenza|Hollis|"
        "Appleby|Kaur|Strachan|Wetherby|Morgan|Chaudhry|Birdsall|Nightingale|Eccles|Goodfellow",
    ),
    "IE": (
        "Dublin|Cork|Galway|Limerick",
        "Siobhán|Cillian|Niamh|Oisín|Gráinne|Pádraig|Róisín|Caoimhe|Tadhg|Sinéad|Fionn|Máire",
        "Ó Súilleabháin|Byrne|Ní Dhomhnaill|Kavanagh|Brennan|Mac Giolla|O'Shea|Fitzgerald|Tiernan",
    ),
    "US": (
        "Portland|Chicago|Austin|Brooklyn|Minneapolis|Oakland|Pittsburgh|Asheville",
        "Hannah|Marcus|Elena|Dwayne|Renée|Caleb|Soledad|Walter|Aaliyah|Jesse|Mei|Ruth|Travis|"
        "Noor|Harold|José|Beverly|Andre|Naomi|Clay",
        "Whitaker|Núñez|Kowalczyk|Freeman|Hawkins|Delacroix|Goldberg|Yamamoto|Boone|Castellanos|"
        "Lindqvist|Washington|Park|Abernathy|Two Rivers|Ferraro|Nguyen|Sorensen|Bell|Montoya",
    ),
    "CA": (
        "Montréal|Toronto|Halifax|Vancouver",
        "Maëlle|Gordon|Océane|Wesley|Geneviève|Liam|Anouk|Raj",
        "Tremblay|MacIsaac|Bélanger|Chowdhury|Gagné|Sinclair|Lévesque|Friesen",
    ),
    "DE": (
        "Berlin|Köln|Leipzig|Hamburg|München|Freiburg",
        "Jürgen|Käthe|Lukas|Annika|Götz|Frauke|Björn|Heike|Mehmet|Uschi|Sören|Ilse|Matthias|Änne",
        "Müller|Groß|Schröder|Kühn|Weiß|Öztürk|Bäcker|Hoffmann|Vogel|Köhler|Strauß|von Ahlefeld",
    ),
    "FR": (
        "Lyon|Paris|Nantes|Toulouse|Rennes|Marseille|Besançon",
        "Hélène|Étienne|Chloé|Benoît|Solène|Aurélien|Françoise|Loïc|Inès|Théo|Maïté|Gaël|Odile|"
        "Rémi|Anaïs|Jérôme|Noémie|Célestin|Bérénice|Yann",
        "Lefèvre|Dubois|Le Goff|Bérard|Garçon|Delaunay|Besnard|N'Diaye|Château|Marchand|Peltier|"
        "Fournier|Bénard|Rousseau|Kerouédan|Saint-Amand|Chevallier|Diallo|Girard|Vasseur",
    ),
    "NL": (
        "Utrecht|Groningen|Rotterdam|Amsterdam",
        "Daniël|Femke|Joost|Noëlle|Sjoerd|Marijke|Bram|Zoë",
        "van der Berg|de Vries|Visser|IJsselstein|Smit|Hoekstra|Ruijter|ten Have",
    ),
    "BE": (
        "Gent|Liège|Antwerpen",
        "Maïlys|Pieter|Renaud|Greet|Tijs|Aurore",
        "Peeters|Lemaître|Janssens|Vandenbroucke|Dupont|Claes",
    ),
    "ES": (
        "Sevilla|Barcelona|Bilbao|Madrid",
        "Íñigo|Begoña|Ángel|Nuria|Iñaki|Rocío|Álvaro|Concepción|Martí|Lucía",
        "Muñoz|García|Etxeberria|Ibáñez|Puig|Cañizares|Fernández|López|Ferrer|Ordóñez",
    ),
    "IT": (
        "Bologna|Torino|Napoli|Firenze",
        "Niccolò|Chiara|Salvatore|Giosuè|Ludovica|Matteo|Noemi|Ettore",
        "Rossi|D'Angelo|Bianchi|Morandi|Cantù|Ferrari|De Luca|Pagliarani",
    ),
    "PT": (
        "Porto|Lisboa|Coimbra",
        "João|Inês|Conceição|Tiago|Leonor|Simão",
        "Gonçalves|Araújo|Magalhães|Brandão|Sá|Frazão",
    ),
    "PL": (
        "Kraków|Łódź|Gdańsk|Warszawa",
        "Łukasz|Małgorzata|Paweł|Agnieszka|Święcisława|Wojciech|Zofia|Jędrzej|Kasia|Stanisław",
        "Kowalska|Wójcik|Dąbrowski|Zieliński|Nowak|Żurawski|Szymańska|Błaszczyk|Grabowski|Mazur",
    ),
    "SE": (
        "Göteborg|Malmö|Stockholm|Umeå",
        "Åsa|Björn|Linnéa|Örjan|Märta|Göran|Ebba|Nils",
        "Lindström|Öberg|Sjögren|Åkesson|Nyström|Hägg|Ek|Söderberg",
    ),
    "NO": (
        "Bergen|Oslo|Tromsø",
        "Øystein|Solveig|Håkon|Ragnhild|Bjørn|Åse",
        "Ødegård|Næss|Bjørnstad|Solbakken|Lærdal|Hagen",
    ),
    "DK": (
        "Aarhus|København|Odense",
        "Søren|Mette|Jørgen|Astrid|Rasmus|Kirsten",
        "Sørensen|Kjær|Nygård|Møller|Østergaard|Holm",
    ),
    "CZ": (
        "Brno|Praha|Olomouc",
        "Jiří|Kateřina|Tomáš|Žofie|Ondřej|Růžena",
        "Dvořák|Nováková|Šimek|Černý|Hájek|Procházková",
    ),
    "GR": (
        "Αθήνα|Θεσσαλονίκη",
        "Ελένη=Eleni|Γιώργος=Giorgos|Δήμητρα=Dimitra|Νίκος=Nikos",
        "Παπαδοπούλου=Papadopoulou|Αγγέλου=Angelou|Μακρής=Makris|Καραγιάννη=Karagianni",
    ),
    "JP": (
        "京都|東京|札幌",
        "美咲=Misaki|健太=Kenta|陽菜=Hina|さくら=Sakura|翔=Sho|由紀子=Yukiko",
        "佐藤=Sato|高橋=Takahashi|小林=Kobayashi|渡辺=Watanabe|中村=Nakamura|森=Mori",
    ),
    "KR": (
        "서울|부산",
        "지민=Jimin|서연=Seoyeon|민준=Minjun|하은=Haeun",
        "김=Kim|이=Lee|박=Park|최=Choi",
    ),
    "AU": (
        "Melbourne|Hobart|Brisbane",
        "Matilda|Lachlan|Bronwyn|Kiah|Angus|Thuy",
        "Hargreaves|Tran|O'Dowd|Nicholls|Papas|Wainwright",
    ),
    "BR": (
        "São Paulo|Belém|Curitiba",
        "Antônio|Luíza|Otávio|Heloísa|Caetano|Íris",
        "Assunção|Guimarães|Conceição|Falcão|Nogueira|Simões",
    ),
    "IN": (
        "Pune|Kolkata|Kochi",
        "Ananya|Rohan|Meera|Arjun|Lakshmi|Dev",
        "Iyer|Banerjee|Deshpande|Nair|Mukherjee|Rao",
    ),
}


def _place(country: str) -> Place:
    cities, given, family = (tuple(column.split("|")) for column in _PLACES[country])
    return Place(country, cities, given, family, family_first=country in {"JP", "KR"})


@lru_cache(maxsize=1)
def places() -> dict[str, Place]:
    return {country: _place(country) for country in _PLACES}
