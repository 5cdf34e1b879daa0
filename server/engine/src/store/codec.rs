//! How our values stand in columns where sqlx has no answer that serves both databases.

use std::str::FromStr;

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;
use domain::claim::TokenHash;
use domain::money::{Amount, AssetId};
use jiff::Timestamp;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef};
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Postgres, Sqlite, Type};

use super::StoreError;

/// Base units: `NUMERIC(39,0)` on PostgreSQL, 39 digits with leading zeros on SQLite, so that they compare as numbers do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Units(pub u128);

impl Type<Sqlite> for Units {
    fn type_info() -> SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Units {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <String as Encode<'_, Sqlite>>::encode(format!("{:039}", self.0), buffer)
    }
}

impl<'r> Decode<'r, Sqlite> for Units {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(<String as Decode<'r, Sqlite>>::decode(value)?.parse()?))
    }
}

impl Type<Postgres> for Units {
    fn type_info() -> PgTypeInfo {
        <BigDecimal as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Units {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <BigDecimal as Encode<'_, Postgres>>::encode(BigDecimal::from(BigInt::from(self.0)), buffer)
    }
}

impl<'r> Decode<'r, Postgres> for Units {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let number = <BigDecimal as Decode<'r, Postgres>>::decode(value)?;
        Ok(Self(number.with_scale(0).to_plain_string().parse()?))
    }
}

/// An instant: `TIMESTAMPTZ` on PostgreSQL, microseconds since 1970 on SQLite. Both keep microseconds, no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At(pub Timestamp);

/// Microseconds from 1970 to 2000, where PostgreSQL's own count begins.
const POSTGRES_EPOCH_MICROS: i64 = 946_684_800_000_000;

impl Type<Sqlite> for At {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }

    fn compatible(info: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(info)
    }
}

impl Encode<'_, Sqlite> for At {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<'_, Sqlite>>::encode(self.0.as_microsecond(), buffer)
    }
}

impl<'r> Decode<'r, Sqlite> for At {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(Timestamp::from_microsecond(<i64 as Decode<'r, Sqlite>>::decode(value)?)?))
    }
}

impl Type<Postgres> for At {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("TIMESTAMPTZ")
    }
}

impl Encode<'_, Postgres> for At {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let micros = self.0.as_microsecond().checked_sub(POSTGRES_EPOCH_MICROS).ok_or("an instant out of range")?;
        <i64 as Encode<'_, Postgres>>::encode(micros, buffer)
    }
}

impl<'r> Decode<'r, Postgres> for At {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let bytes: [u8; 8] = value.as_bytes()?.try_into()?;
        let micros = i64::from_be_bytes(bytes).checked_add(POSTGRES_EPOCH_MICROS).ok_or("an instant out of range")?;
        Ok(Self(Timestamp::from_microsecond(micros)?))
    }
}

/// Returns an amount from its columns.
pub(crate) fn amount(units: Units, asset: &str) -> Result<Amount, StoreError> {
    Ok(Amount { units: units.0, asset: parsed("amounts", asset)? })
}

/// Reads a text column of ours; a row that cannot be read is loud.
pub(crate) fn parsed<T: FromStr>(table: &'static str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Inconsistent { table, id: text.to_owned() })
}

/// Returns a required column's value; its absence is loud.
pub(crate) fn needed<T>(table: &'static str, column: &'static str, value: Option<T>) -> Result<T, StoreError> {
    value.ok_or_else(|| StoreError::Inconsistent { table, id: column.to_owned() })
}

/// Returns a count that a column holds as BIGINT.
pub(crate) fn count(table: &'static str, value: i64) -> Result<u32, StoreError> {
    u32::try_from(value).map_err(|_| StoreError::Inconsistent { table, id: value.to_string() })
}

/// Returns a token hash as its column's bytes.
pub(crate) fn hash_bytes(hash: TokenHash) -> Vec<u8> {
    hash.0.to_vec()
}

/// Returns the asset id of a column.
pub(crate) fn asset_id(text: &str) -> Result<AssetId, StoreError> {
    parsed("assets", text)
}
