//! Finds each thing of [`crate::model`] in resolved code, with [`crate::knowledge`] and the configuration's word. File names as in `model/`.
