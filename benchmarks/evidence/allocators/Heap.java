class Heap {
    public static void main(String[] words) throws Exception {
        long most = Runtime.getRuntime().maxMemory() >> 20;
        if (words.length == 0) {
            System.out.println("heap of at most " + most + " MiB");
            return;
        }
        // Fill nearly all of it, and ask the kernel for the most that was resident.
        byte[][] kept = new byte[(int) (most * 16 * 9 / 10)][];
        for (int i = 0; i < kept.length; i++) kept[i] = new byte[1 << 16];
        for (String line : java.nio.file.Files.readAllLines(java.nio.file.Path.of("/proc/self/status")))
            if (line.startsWith("VmHWM")) System.out.println("heap " + most + " MiB, " + line);
        if (kept[0] == kept[kept.length - 1]) throw new Error();
    }
}
