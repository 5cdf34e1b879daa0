//! What the tests stand on: databases, a small world, a merchant's server.

pub mod postgres;
pub mod sink;
pub mod world;
