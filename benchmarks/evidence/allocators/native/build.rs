fn main() {
    cc::Build::new().file("src/keep.c").compile("keep");
}
