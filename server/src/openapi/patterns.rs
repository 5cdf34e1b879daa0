//! What texts look like: amounts and assets are strings on the wire, and the document says which strings are some.

use utoipa::openapi::schema::{Object, SchemaType, Type};
use utoipa::openapi::{Components, RefOr, Schema};

/// Digits, and a point with more of them where there is a fraction: as [`domain::money::parse_units`] reads them.
const AMOUNT: &str = "^(0|[1-9][0-9]*)([.][0-9]+)?$";
/// A symbol and a network.
const ASSET: &str = "^[A-Z0-9]+-[A-Z0-9]+$";

/// Adds the patterns to the fields of every object.
pub(super) fn add(components: &mut Components) {
    for schema in components.schemas.values_mut() {
        let RefOr::T(Schema::Object(object)) = schema else { continue };
        for (name, property) in &mut object.properties {
            let RefOr::T(Schema::Object(field)) = property else { continue };
            if is_text(field) {
                field.pattern = pattern_of(name).map(str::to_owned).or(field.pattern.take());
            }
        }
    }
}

fn pattern_of(field: &str) -> Option<&'static str> {
    match field {
        "amount" | "amount_asked" | "amount_billed" | "amount_charged" | "amount_paid" | "charged_amount" | "net_amount" => Some(AMOUNT),
        "asset" => Some(ASSET),
        _ => None,
    }
}

fn is_text(field: &Object) -> bool {
    match &field.schema_type {
        SchemaType::Type(kind) => *kind == Type::String,
        SchemaType::Array(kinds) => kinds.contains(&Type::String),
        SchemaType::AnyValue => false,
    }
}
