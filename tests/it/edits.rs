//! Work on this machine, judged by `ffprobe`: every edit, every platform, assembly, and what is left of it
//! where there is no `ffmpeg`, where it is stopped, and where everything is killed.

mod cases;
mod made;
mod platforms;
mod sources;
mod stopped;
mod without;
