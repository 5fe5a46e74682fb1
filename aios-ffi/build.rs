//! Names the shared library as the loader looks for it.

#[path = "src/version.rs"]
mod version;

fn main() {
    println!("cargo::rerun-if-changed=src/version.rs");
    // Unloading is a no-op: the library's threads run its code until the process ends.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libaios.so.{},-z,nodelete", version::ABI);
}
