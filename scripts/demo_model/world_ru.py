"""Russian captions for the scenes of `world.py`, in many paraphrases and with their grammar."""

from __future__ import annotations

import random

from world import Scene, Thing, background_said

# Nominative, genitive, instrumental, and the gender that adjectives follow.
NOUNS = {
    "circle": ("круг", "круга", "кругом", "m"),
    "square": ("квадрат", "квадрата", "квадратом", "m"),
    "triangle": ("треугольник", "треугольника", "треугольником", "m"),
    "star": ("звезда", "звезды", "звездой", "f"),
    "ring": ("кольцо", "кольца", "кольцом", "n"),
    "cross": ("крест", "креста", "крестом", "m"),
    "heart": ("сердце", "сердца", "сердцем", "n"),
    "diamond": ("ромб", "ромба", "ромбом", "m"),
}
# Stems and which of the endings below they take.
COLOURS = {
    "red": ("красн", "hard"), "orange": ("оранжев", "hard"), "yellow": ("жёлт", "hard"), "green": ("зелён", "hard"),
    "blue": ("син", "soft"), "purple": ("фиолетов", "hard"), "pink": ("розов", "hard"),
    "brown": ("коричнев", "hard"),
}
SIZES = {
    "small": (("маленьк", "velar"), ("небольш", "stressed")), "medium": (None,),
    "large": (("больш", "stressed"), ("крупн", "hard"), ("огромн", "hard")),
}
# Nominative, genitive, instrumental of each gender.
ENDINGS = {
    "hard": {"m": ("ый", "ого", "ым"), "f": ("ая", "ой", "ой"), "n": ("ое", "ого", "ым")},
    "soft": {"m": ("ий", "его", "им"), "f": ("яя", "ей", "ей"), "n": ("ее", "его", "им")},
    "velar": {"m": ("ий", "ого", "им"), "f": ("ая", "ой", "ой"), "n": ("ое", "ого", "им")},
    "stressed": {"m": ("ой", "ого", "им"), "f": ("ая", "ой", "ой"), "n": ("ое", "ого", "им")},
}
NOMINATIVE, GENITIVE, INSTRUMENTAL = range(3)

BACKGROUNDS = {
    "white": ("на белом фоне", "на белом"),
    "black": ("на чёрном фоне", "на чёрном"),
    "grey": ("на сером фоне", "на сером"),
    "sky": ("в небе", "на фоне неба", "на фоне голубого неба"),
    "sunset": ("на закате", "на фоне заката"),
    "checkered": ("на клетчатом фоне", "на шахматном фоне", "на шахматной доске"),
}
_PLACES = {
    "center": ("", "", "в центре", "посередине"),
    "top": ("сверху", "вверху", "наверху"), "bottom": ("снизу", "внизу"),
    "left": ("слева", "с левой стороны"), "right": ("справа", "с правой стороны"),
}
_OPENINGS = ("", "", "", "картинка: ", "рисунок: ", "на картинке ")
_RELATIONS = {
    "left": ("{a} слева от {b2}", "{a} левее {b2}", "{a} слева и {b} справа", "слева {a}, справа {b}", "{a} и {b}",
             "{a} рядом с {b3}"),
    "right": ("{a} справа от {b2}", "{a} правее {b2}", "{a} справа и {b} слева", "справа {a}, слева {b}"),
    "top": ("{a} над {b3}", "{a} выше {b2}", "{a} сверху и {b} снизу", "сверху {a}, снизу {b}"),
    "bottom": ("{a} под {b3}", "{a} ниже {b2}", "{a} снизу и {b} сверху", "снизу {a}, сверху {b}"),
}


def adjective(stem: str, kind: str, gender: str, case: int) -> str:
    return stem + ENDINGS[kind][gender][case]


def noun_phrase(thing: Thing, case: int, rng: random.Random) -> str:
    gender = NOUNS[thing.shape][3]
    size = rng.choice(SIZES[thing.size])
    words = [adjective(*size, gender, case)] if size else []
    return " ".join([*words, adjective(*COLOURS[thing.colour], gender, case), NOUNS[thing.shape][case]])


def place_phrase(place: str, rng: random.Random) -> str:
    if place in _PLACES:
        return rng.choice(_PLACES[place])
    row, column = place.split()
    up, side = {"top": "верхн", "bottom": "нижн"}[row], {"left": "лев", "right": "прав"}[column]
    return rng.choice((f"в {side}ом {up}ем углу", f"в {up}ем {side}ом углу", f"{_PLACES[row][0]} {_PLACES[column][0]}"))


def _written(text: str, rng: random.Random) -> str:
    """As people type: many leave out the dots of ё."""
    return text.replace("ё", "е") if rng.random() < 0.5 else text


def caption(scene: Scene, rng: random.Random) -> str:
    """One of the many sentences for a scene; a white background may stay unsaid."""
    if len(scene.things) == 1:
        thing = scene.things[0]
        words = [noun_phrase(thing, NOMINATIVE, rng), place_phrase(thing.place, rng)]
        body = " ".join(part for part in (words if rng.random() < 0.8 else reversed(words)) if part)
    else:
        first, second = scene.things
        body = rng.choice(_RELATIONS[first.place]).format(
            a=noun_phrase(first, NOMINATIVE, rng), b=noun_phrase(second, NOMINATIVE, rng),
            b2=noun_phrase(second, GENITIVE, rng), b3=noun_phrase(second, INSTRUMENTAL, rng),
        )
    return _written(background_said(scene, body, BACKGROUNDS, _OPENINGS, rng), rng)


def names_place(scene: Scene, text: str) -> bool:
    """Whether the caption tells where its things are (an unsaid place is the centre)."""
    return len(scene.things) == 2 or scene.things[0].place != "center" or "центре" in text or "посередине" in text


def hint(told: dict[str, str], rng: random.Random) -> str:
    """A text that names a few attributes only: a shape, a colour or neither, a place, a background."""
    if "shape" in told:
        body = NOUNS[told["shape"]][NOMINATIVE]
    elif "colour" in told:
        stem = COLOURS[told["colour"]]
        body = rng.choice(("что-то {n}", "нечто {n}", "{m} предмет", "{f} фигура", "{m} цвет", "{m}")).format(
            **{gender: adjective(*stem, gender, NOMINATIVE) for gender in "mfn"})
    else:
        body = rng.choice(("", "что-то")) if told.keys() == {"background"} else "что-то"
    place = place_phrase(told["place"], rng) if "place" in told else ""
    background = rng.choice(BACKGROUNDS[told["background"]]) if "background" in told else ""
    return _written(" ".join(part for part in (body, place, background) if part), rng)
