//! What an entry was worked out from, as a number.

use super::pack::BUILD;
use serde::{Deserialize, Serialize};
use twox_hash::{XxHash3_64, XxHash3_128};

/// 128 bits: two texts with one key would be read as the same, and nobody will live to see it happen by chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key(pub(super) u128);

impl Key {
    /// Of `bytes`, for a purpose; what another build of this program made of them has another key.
    pub fn of(purpose: &str, bytes: &[u8]) -> Key {
        Key(XxHash3_128::oneshot_with_seed(BUILD ^ XxHash3_64::oneshot(purpose.as_bytes()), bytes))
    }

    /// Of several keys together, in this order.
    pub fn join(purpose: &str, keys: &[Key]) -> Key {
        let bytes: Vec<u8> = keys.iter().flat_map(|key| key.0.to_le_bytes()).collect();
        Key::of(purpose, &bytes)
    }
}

/// The same in every run and on every machine. Where two values with one hash would do harm, look for them.
pub fn hash(bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot(bytes)
}
