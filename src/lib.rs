#![doc = include_str!("ARCHITECTURE.md")]

pub mod domain;

pub mod catalog;
pub mod config;

pub mod library;
pub mod media;
pub mod provider;
pub mod sandbox;
pub mod store;

pub mod clock;
pub mod logging;
pub mod process;

pub mod pipeline;
pub mod story;

pub mod assembly;
pub mod cli;
pub mod studio;
pub mod tui;
