#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| provost_fuzzing::check("patch_oracle", bytes));
