"""`menu_lookup`: what the profile says of dishes, diets and allergens; what it does not name is not known."""

from typing import Annotated, Any

from pydantic import Field

from agents.guard.figures import Figure, money_figure
from agents.tools.context import ToolContext
from agents.tools.results import ToolResult
from agents.tools.tool import Tool, ToolArgs
from business.menu.rules import OnTheMenu, dishes_for, dishes_with, find_dish
from business.profile.offer import Dish

Keys = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=20)]


class MenuLookupArgs(ToolArgs):
    dishes: Keys = Field(default_factory=list)
    diets: Keys = Field(default_factory=list)
    allergens: Keys = Field(default_factory=list)


class MenuLookup(Tool[MenuLookupArgs]):
    name = "menu_lookup"
    agents = frozenset({"menu", "pricing", "booking"})
    description = "What the menu says of dishes, diets and allergens, by their keys."
    args = MenuLookupArgs

    async def run(self, context: ToolContext, args: MenuLookupArgs) -> ToolResult:
        profile, language = context.profile, context.language
        figures: list[Figure] = []
        dishes: dict[str, Any] = {}
        for key in args.dishes:
            found = find_dish(profile, key)
            dishes[key] = {"served": "not known: a person answers"} if found is None else _dish(found, language)
            price = getattr(found.dish, "price_cents", None) if found is not None else None
            if price is not None:
                figures.append(money_figure(price, key, "upgrade", "add_on", "each", "guest"))
        allergens = {item.key: item for item in profile.allergies.allergens}
        diets = {item.key: item for item in profile.allergies.diets}
        data = {
            "dishes": dishes,
            "allergens": {
                key: {
                    "status": allergens[key].status,
                    "note": allergens[key].note.in_locale(language),
                    "dishes": [dish.key for dish in dishes_with(profile, key)],
                }
                if key in allergens
                else "not known: a person answers"
                for key in args.allergens
            },
            "diets": {
                key: {"note": diets[key].note.in_locale(language), "dishes": [dish.key for dish in dishes_for(profile, key)]}
                if key in diets
                else "not known: a person answers"
                for key in args.diets
            },
            "always_say": profile.allergies.shared_grill.in_locale(language),
        }
        return ToolResult(data, tuple(figures))


def _dish(found: OnTheMenu, language: str) -> dict[str, Any]:
    dish = found.dish
    said: dict[str, Any] = {"name": dish.in_locale(language), "served": found.section != "not_served", "section": found.section}
    if isinstance(dish, Dish):
        said |= {"allergens": list(dish.allergens), "diets": list(dish.diets)}
    price = getattr(dish, "price_cents", None)
    return said if price is None else {**said, "price_cents": price}
