//! From a number to a card, and from cards to a page.

use defer::prelude::*;

use crate::ask::{
    User, avatar, avatar_alone, count, count_alone, team, team_alone, user, user_alone,
};

/// What is shown of a user, or why nothing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) id: u32,
    pub(crate) shown: Result<Shown, String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) count: u32,
    pub(crate) avatar: String,
    pub(crate) team: Option<String>,
}

impl Card {
    pub(crate) fn is_good(&self) -> bool {
        self.shown.is_ok()
    }
}

/// How the back ends are asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Alone,
    Batched,
}

impl Way {
    pub(crate) fn card(self, id: u32, teams: bool) -> Deferred<Card> {
        match self {
            Way::Alone => alone(id, teams),
            Way::Batched => batched(id, teams),
        }
    }
}

/// A card whose parts are asked for together with those of all the others.
pub(crate) fn batched(id: u32, teams: bool) -> Deferred<Card> {
    if teams {
        // The user is asked for once, although it is called for twice.
        let team = team(team_of(user(id)));
        errcheck(
            with_team(card(user(id), count(id), avatar(id), id), team),
            id,
        )
        .boxed()
    } else {
        errcheck(card(user(id), count(id), avatar(id), id), id).boxed()
    }
}

/// The same, with a request for each part.
fn alone(id: u32, teams: bool) -> Deferred<Card> {
    let parts = card(user_alone(id), count_alone(id), avatar_alone(id), id);
    if teams {
        let team = team_alone(team_of(user_alone(id)));
        errcheck(with_team(parts, team), id).boxed()
    } else {
        errcheck(parts, id).boxed()
    }
}

#[callback]
fn card(user: User, count: u32, avatar: String, #[value] id: u32) -> Card {
    let name = user.name;
    Card {
        id,
        shown: Ok(Shown {
            name,
            count,
            avatar,
            team: None,
        }),
    }
}

#[callback]
fn team_of(user: User) -> u32 {
    user.team
}

#[callback]
fn with_team(mut card: Card, team: String) -> Card {
    if let Ok(shown) = &mut card.shown {
        shown.team = Some(team);
    }
    card
}

/// The card of a user that cannot be shown.
#[errback]
fn errcheck(failure: Failure, #[value] id: u32) -> Card {
    Card {
        id,
        shown: Err(failure.to_string()),
    }
}

/// All the cards, in order. None of them fails.
#[callback]
pub(crate) fn page(cards: Vec<Card>) -> Vec<Card> {
    cards
}
