//! Refundry's server: configuration, HTTP, command line. It decides nothing about money; the engine does.

pub mod api;
pub mod assets;
pub mod attempts;
pub mod cli;
pub mod commands;
pub mod config;
pub mod csv;
pub mod demo;
pub mod dialects;
pub mod exports;
pub mod intake;
pub mod live;
pub mod metrics;
pub mod openapi;
pub mod pages;
pub mod problem;
pub mod router;
pub mod security;
pub mod serve;
pub mod snippets;
pub mod visitor;
