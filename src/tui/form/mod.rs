//! The parts of the form of settings: its rows, what their values are, the files that a model is given.

pub mod change;
pub mod files;
pub mod give;
pub mod paths;
pub mod rows;
pub mod spot;
pub mod widget;
pub mod words;
