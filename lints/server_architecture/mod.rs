#![doc = include_str!("guidance.md")]

pub mod component_cycles;
pub mod framework_types_in_services;
pub mod layer_rule_violations;
pub mod layer_skips;
pub mod layering_not_detected;
pub mod sql_in_handlers;
pub mod sql_outside_repositories;
pub mod upward_dependencies;

mod layers;
