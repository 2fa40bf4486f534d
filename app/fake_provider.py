"""Made-up schools, shops, courses and goods that read like real ones; repeatable by `fake.seed_instance`."""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.plugins.fake import fake, words

COURSE_CATEGORIES: tuple[str, ...] = tuple(words("courses"))
PRODUCT_CATEGORIES: tuple[str, ...] = tuple(words("products"))
LEVELS = ("Beginner", "Intermediate", "Advanced")
_LEVEL_WEIGHTS = (55, 33, 12)
_AUDIENCES = (
    "Beginners",
    "Adults",
    "Teens",
    "Busy People",
    "Returners",
    "Parents and Children",
    "Seniors",
    "Absolute Beginners",
)
_CEFR = {"Beginner": ("A1", "A2"), "Intermediate": ("B1", "B2"), "Advanced": ("C1",)}


@dataclass(frozen=True)
class FakeAddress:
    """A street address of a real city; latitude and longitude within about a kilometre of its centre."""

    street: str
    city: str
    region: str
    postal_code: str
    country: str
    timezone: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class FakeSeller:
    """A school or a shop and the person who owns it. categories: what it offers, the main one first."""

    kind: str
    name: str
    tagline: str
    description: str
    owner_first_name: str
    owner_last_name: str
    email: str
    phone: str
    address: FakeAddress
    categories: tuple[str, ...]


@dataclass(frozen=True)
class FakeCourse:
    """A course. price_cents: minor units (USD) for all `weeks` classes of `minutes` each; motif: for `fake.image`."""

    category: str
    title: str
    summary: str
    description: str
    level: str
    price_cents: int
    minutes: int
    weeks: int
    seats: int
    motif: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class FakeProduct:
    """A shop article. price_cents: minor units (USD); stock: pieces; motif: for `fake.image`."""

    category: str
    title: str
    summary: str
    description: str
    brand: str
    sku: str
    price_cents: int
    stock: int
    motif: str
    attributes: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


def category_title(category: str) -> str:
    """What a category is called on a page. Raises KeyError for an unknown one."""
    return (words("courses") | words("products"))[category]["title"]


def address() -> FakeAddress:
    """A plausible address with its time zone."""
    chance = fake.random
    place = chance.choice(words("places")["cities"])
    number, street = chance.randint(2, 248), chance.choice(place["streets"])
    street_line = f"{street} {number}" if place["country"] in ("DE", "PT", "NL") else f"{number} {street}"
    return FakeAddress(
        street=street_line,
        city=place["city"],
        region=place["region"],
        postal_code=place["postal_code"],
        country=place["country"],
        timezone=place["timezone"],
        latitude=round(place["lat"] + chance.uniform(-0.01, 0.01), 6),
        longitude=round(place["lon"] + chance.uniform(-0.01, 0.01), 6),
    )


def school_name(category: str, city: str = "") -> str:
    """A school's name that says what it teaches."""
    return _seller_name("school_forms", words("places")["course_nouns"][category], city)


def store_name(category: str, city: str = "") -> str:
    """A shop's name that says what it sells."""
    return _seller_name("store_forms", words("places")["product_nouns"][category], city)


def _seller_name(forms: str, noun: str, city: str) -> str:
    chance, places = fake.random, words("places")
    return chance.choice(places[forms]).format(
        place=city or chance.choice(places["cities"])["city"],
        name=fake.last_name(),
        adjective=chance.choice(places["adjectives"]),
        thing=chance.choice(places["things"]),
        noun=noun,
    )


def school(category: str = "") -> FakeSeller:
    """A school, its owner and its address."""
    chance = fake.random
    first = category or chance.choice(COURSE_CATEGORIES)
    others = chance.sample([name for name in COURSE_CATEGORIES if name != first], 2)
    where = address()
    name = school_name(first, where.city)
    subjects = ", ".join(chance.sample(words("courses")[first]["subjects"], 3))
    return _seller(
        "school",
        name,
        tagline=f"{category_title(first)} classes in {where.city}, taught in small groups.",
        description=(
            f"{name} has been teaching {subjects} and more since {chance.randint(1986, 2021)}. "
            "Groups stay small, teachers stay for years, and a missed class can be made up in any parallel group. "
            f"Come for a trial lesson at {where.street}."
        ),
        where=where,
        categories=(first, *others),
    )


def store(category: str = "") -> FakeSeller:
    """A shop, its owner and its address."""
    chance = fake.random
    first = category or chance.choice(PRODUCT_CATEGORIES)
    others = chance.sample([name for name in PRODUCT_CATEGORIES if name != first], 2)
    where = address()
    name = store_name(first, where.city)
    brands = ", ".join(chance.sample(words("products")[first]["brands"], 3))
    return _seller(
        "store",
        name,
        tagline=f"{category_title(first)} chosen by people who use them.",
        description=(
            f"{name} is a family shop in {where.city}. We carry {brands} and a few makers "
            "you have not heard of yet, ship within two days "
            f"and take anything back within {chance.choice((14, 30, 60))} days."
        ),
        where=where,
        categories=(first, *others),
    )


def _seller(
    kind: str, name: str, *, tagline: str, description: str, where: FakeAddress, categories: tuple
) -> FakeSeller:
    first_name, last_name = fake.first_name(), fake.last_name()
    return FakeSeller(
        kind=kind,
        name=name,
        tagline=tagline,
        description=description,
        owner_first_name=first_name,
        owner_last_name=last_name,
        email=f"{first_name}.{last_name}@example.com".lower(),
        phone=fake.phone(),
        address=where,
        categories=categories,
    )


def course(category: str = "") -> FakeCourse:
    """A course with a title, a text of several paragraphs, a level and a price one would believe."""
    chance = fake.random
    category = category or chance.choice(COURSE_CATEGORIES)
    list_of = words("courses")[category]
    level = chance.choices(LEVELS, _LEVEL_WEIGHTS)[0]
    weeks = chance.choice((1, 4, 6, 8, 8, 10, 12))
    subject, topic, form = (chance.choice(list_of[name]) for name in ("subjects", "topics", "forms"))
    if weeks == 1:
        form = chance.choice([each for each in list_of["forms"] if "{weeks}" not in each])
    audience, cefr = chance.choice(_AUDIENCES), chance.choice(_CEFR[level])
    title = form.format(subject=subject, topic=topic, level=level, audience=audience, weeks=weeks, cefr=cefr)
    minutes = chance.choice(list_of["minutes"])
    lowest, highest = list_of["price"]
    learn = chance.sample(list_of["learn"], 3)
    span = "one session" if weeks == 1 else f"{weeks} weekly classes"
    return FakeCourse(
        category=category,
        title=title,
        summary=f"{topic} with a small group: {span} of {minutes} minutes.",
        description="\n\n".join(
            (
                chance.choice(words("phrases")["course_openings"]).format(subject=subject, topic=topic.lower())
                + " "
                + chance.choice(words("phrases")["course_paces"]),
                f"By the end you will be able to {learn[0]}, {learn[1]} and {learn[2]}.",
                f"Format: {span} of {minutes} minutes. Please bring {chance.choice(list_of['bring'])}.",
            )
        ),
        level=level.lower(),
        price_cents=price_cents(lowest, highest, times=max(1, round(weeks * 0.8))),
        minutes=minutes,
        weeks=weeks,
        seats=chance.choice(list_of["seats"]),
        motif=list_of["motif"],
        tags=tuple(dict.fromkeys((subject.lower(), topic.lower(), level.lower()))),
    )


def product(category: str = "") -> FakeProduct:
    """A shop article with brand, attributes, SKU, price and stock."""
    chance = fake.random
    category = category or chance.choice(PRODUCT_CATEGORIES)
    list_of = words("products")[category]
    brand, thing = chance.choice(list_of["brands"]), chance.choice(list(list_of["things"]))
    attributes = {name: chance.choice(values) for name, values in list_of["attributes"].items()}
    mark = next(iter(attributes.values()))
    pros = chance.sample(list_of["pros"], 2)
    listed = "; ".join(f"{name}: {value}" for name, value in attributes.items())
    title = f"{thing} ({brand})" if category == "books" else f"{brand} {thing}, {mark}"
    return FakeProduct(
        category=category,
        title=title,
        summary=f"{thing} by {brand}: {pros[0]}.",
        description="\n\n".join(
            (
                chance.choice(words("phrases")["product_openings"]).format(thing=thing, brand=brand),
                f"What you get: {pros[0]}, and {pros[1]}.",
                f"{listed}.",
            )
        ),
        brand=brand,
        sku=f"{category[:3].upper()}-{brand[:2].upper()}{chance.randrange(10_000, 99_999)}",
        price_cents=price_cents(*list_of["things"][thing]),
        stock=chance.choice((0, 3, 5, 8, 12, 20, 25, 40, 60, 120)),
        motif=list_of["motif"],
        attributes=attributes,
        tags=tuple(dict.fromkeys((brand.lower(), thing.lower(), mark.lower()))),
    )


def price_cents(lowest: int, highest: int, times: int = 1) -> int:
    """A price between two amounts, cheap ones more often, ending as shops end them (.00, .50, .90 or .99)."""
    chance = fake.random
    raw = Decimal(str(chance.triangular(lowest, highest, lowest + (highest - lowest) * 0.25))) * times
    units = int((raw / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return max(1, units) * 100 - chance.choice((0, 0, 1, 10, 50))


def review() -> tuple[int, str]:
    """A rating of 1 to 5 and a sentence or two that goes with it."""
    rating = fake.random.choices((5, 4, 3, 2, 1), (52, 27, 12, 6, 3))[0]
    texts: dict[str, Any] = words("reviews")
    return rating, " ".join(fake.random.sample(texts[str(rating)], 2))
