#![doc = include_str!("guidance.md")]
