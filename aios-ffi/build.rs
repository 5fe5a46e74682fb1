//! Names the shared library as the loader looks for it.

#[path = "src/constants.rs"]
#[expect(dead_code, reason = "of the constants, only one is needed here")]
mod constants;

fn main() {
    println!("cargo::rerun-if-changed=src/constants.rs");
    if std::env::var_os("CARGO_CFG_TARGET_OS").is_some_and(|system| system == "linux") {
        // Unloading is a no-op: the library's threads run its code until the process ends.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libaios.so.{},-z,nodelete", constants::ABI);
    }
}
