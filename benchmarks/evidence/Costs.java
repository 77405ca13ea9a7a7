import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.text.SimpleDateFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntConsumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the Java patterns cost that the rules' pages speak of.
 *
 * <pre>java -Xmx1g benchmarks/evidence/Costs.java [WORD…]</pre>
 *
 * prints a table: the pattern, and per operation the nanoseconds (the best of five runs, compiled) and the bytes that
 * the thread allocated, as {@code com.sun.management.ThreadMXBean} counts them: once compiled, and once before the
 * optimising compiler has seen the code, for a service spends its first minutes there. With words only rows that
 * contain one of them. The figures in {@code RESULTS.md} are those of one run: for comparing rows, not machines.
 */
final class Costs {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Logger LOG = Logger.getLogger("evidence");
    private static final Pattern DIGITS = Pattern.compile("\\d+");
    private static final Pattern BETWEEN = Pattern.compile(", ");
    private static final String TEXT = "the quick brown fox jumps over the lazy dog 4711";
    private static final int OPERATIONS = 1_000;
    private static final int WARM_UP = 400;
    private static final int RUNS = 5;

    /** Results go here, so that no compiler may leave out what made them. */
    static volatile Object sink;

    private final List<String> words;

    private Costs(List<String> words) {
        this.words = words;
    }

    public static void main(String[] arguments) {
        Costs costs = new Costs(List.of(arguments));
        LOG.setLevel(Level.WARNING);
        System.out.printf("Java %s, %s%n%n", Runtime.version(), System.getProperty("os.arch"));
        System.out.println("| group | pattern | ns | bytes | bytes, not yet compiled |");
        System.out.println("|---|---|---:|---:|---:|");
        costs.strings();
        costs.loops();
        costs.boxes();
        costs.eager();
        costs.regexes();
        costs.temporaries();
        costs.copies();
        costs.kept();
    }

    /** Measures a loop that is told how many turns to make. */
    private void row(String group, String code, int operations, IntConsumer run) {
        if (!words.isEmpty() && words.stream().noneMatch((group + " " + code)::contains)) {
            return;
        }
        long early = allocated(() -> run.accept(operations));
        for (int i = 0; i < WARM_UP; i++) {
            run.accept(operations);
        }
        long late = Long.MAX_VALUE;
        long best = Long.MAX_VALUE;
        for (int i = 0; i < RUNS; i++) {
            long start = System.nanoTime();
            late = Math.min(late, allocated(() -> run.accept(operations)));
            best = Math.min(best, System.nanoTime() - start);
        }
        System.out.printf(
                Locale.ROOT, "| %s | `%s` | %,.1f | %,.1f | %,.1f |%n", group, code.replace("|", "\\|"),
                (double) best / operations, (double) late / operations, (double) early / operations);
    }

    private static long allocated(Runnable run) {
        long thread = Thread.currentThread().getId();
        long before = THREADS.getThreadAllocatedBytes(thread);
        run.run();
        return THREADS.getThreadAllocatedBytes(thread) - before;
    }

    private void strings() {
        row("string", "s += x, 10 characters", OPERATIONS, n -> {
            String s = "";
            for (int i = 0; i < n; i++) {
                s += "0123456789";
            }
            sink = s;
        });
        row("string", "builder.append(x)", OPERATIONS, n -> {
            StringBuilder s = new StringBuilder();
            for (int i = 0; i < n; i++) {
                s.append("0123456789");
            }
            sink = s.toString();
        });
        row("string", "a.toLowerCase(ROOT).equals(b.toLowerCase(ROOT)), 9 characters", OPERATIONS, n -> {
            boolean same = true;
            for (int i = 0; i < n; i++) {
                same &= "Member 50".toLowerCase(Locale.ROOT).equals("MEMBER 50".toLowerCase(Locale.ROOT));
            }
            sink = same;
        });
        row("string", "a.equalsIgnoreCase(b)", OPERATIONS, n -> {
            boolean same = true;
            for (int i = 0; i < n; i++) {
                same &= "Member 50".equalsIgnoreCase("MEMBER 50");
            }
            sink = same;
        });
    }

    private static long sum(Iterable<Integer> numbers) {
        long sum = 0;
        for (int number : numbers) {
            sum += number;
        }
        return sum;
    }

    private static long sumOfOne(ArrayList<Integer> numbers) {
        long sum = 0;
        for (int number : numbers) {
            sum += number;
        }
        return sum;
    }

    private void loops() {
        ArrayList<Integer> array = new ArrayList<>(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
        List<Iterable<Integer>> kinds = List.of(
                array, new LinkedList<>(array), new CopyOnWriteArrayList<>(array), Arrays.asList(1, 2, 3), List.of(1, 2));
        row("loop", "for (x : arrayList), always the same class, 10 entries", OPERATIONS, n -> {
            long sum = 0;
            for (int i = 0; i < n; i++) {
                sum += sumOfOne(array);
            }
            sink = sum;
        });
        row("loop", "for (x : iterable), five classes at one place", OPERATIONS, n -> {
            long sum = 0;
            for (int i = 0; i < n; i++) {
                sum += sum(kinds.get(i % 5));
            }
            sink = sum;
        });
        row("loop", "arrayList.get(i), 10 entries", OPERATIONS, n -> {
            long sum = 0;
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < array.size(); j++) {
                    sum += array.get(j);
                }
            }
            sink = sum;
        });
        row("loop", "list.stream().mapToInt(x -> x).sum(), 10 entries", OPERATIONS, n -> {
            long sum = 0;
            for (int i = 0; i < n; i++) {
                sum += array.stream().mapToInt(x -> x).sum();
            }
            sink = sum;
        });
        for (int size : new int[] {1_000, 16_000}) {
            linked(size);
        }
    }

    private void linked(int size) {
        LinkedList<Integer> numbers = new LinkedList<>();
        for (int i = 0; i < size; i++) {
            numbers.add(i % 100);
        }
        row("loop", String.format("linkedList.get(i), %,d entries, per call", size), size / 16, n -> {
            long sum = 0;
            for (int i = 0; i < n; i++) {
                sum += numbers.get(16 * i);
            }
            sink = sum;
        });
        row("loop", String.format("for (x : linkedList), %,d entries, per entry", size), size, n -> {
            sink = sum(numbers);
        });
    }

    private void boxes() {
        row("box", "Long sum; sum += i", OPERATIONS, n -> {
            Long sum = 0L;
            for (int i = 0; i < n; i++) {
                sum += i;
            }
            sink = sum;
        });
        row("box", "long sum; sum += i", OPERATIONS, n -> {
            long sum = 0L;
            for (int i = 0; i < n; i++) {
                sum += i;
            }
            sink = sum;
        });
        Map<String, Integer> counts = new HashMap<>(Map.of("key", 1_000));
        row("box", "counts.put(k, counts.get(k) + 1)", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                counts.put("key", counts.get("key") + 1);
            }
            sink = counts;
        });
        Map<String, int[]> cells = new HashMap<>(Map.of("key", new int[] {1_000}));
        row("box", "cells.get(k)[0]++", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                cells.get("key")[0]++;
            }
            sink = cells;
        });
    }

    /** What a chain of comparisons does with its arguments: they are made before the call decides. */
    private static int chain(int decided, Comparable<String> left, String right) {
        return decided != 0 ? decided : left.compareTo(right);
    }

    private record Member(String realm, long number) {
        @Override
        public String toString() {
            return realm + ':' + number;
        }
    }

    private void eager() {
        Optional<String> found = Optional.of("value");
        row("eager", "found.orElse(String.format(…)), found", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = found.orElse(String.format("no value for %d", i));
            }
        });
        row("eager", "found.orElse(a + b), found", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = found.orElse("no value for " + i);
            }
        });
        row("eager", "found.orElseGet(() -> a + b), found", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                int number = i;
                sink = found.orElseGet(() -> "no value for " + number);
            }
        });
        Map<String, List<String>> groups = new HashMap<>(Map.of("key", new ArrayList<>()));
        row("eager", "groups.putIfAbsent(k, new ArrayList<>()), present", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = groups.putIfAbsent("key", new ArrayList<>());
            }
        });
        row("eager", "groups.computeIfAbsent(k, key -> new ArrayList<>()), present", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = groups.computeIfAbsent("key", key -> new ArrayList<>());
            }
        });
        row("eager", "Objects.requireNonNull(x, a + b)", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = Objects.requireNonNull(found, "nothing at " + i);
            }
        });
        row("eager", "Objects.requireNonNull(x, () -> a + b)", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                int number = i;
                sink = Objects.requireNonNull(found, () -> "nothing at " + number);
            }
        });
        row("eager", "log.fine(a + b), the level is off", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                LOG.fine("item " + i + " of " + n);
            }
        });
        row("eager", "log.fine(() -> a + b), the level is off", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                int number = i;
                LOG.fine(() -> "item " + number + " of " + n);
            }
        });
        Member left = new Member("people", 1_234_567);
        Member right = new Member("people", 7_654_321);
        row("eager", "chain.compare(a, b).compare(m.toString(), o.toString()), decided by a and b", OPERATIONS, n -> {
            int order = 0;
            for (int i = 0; i < n; i++) {
                order += chain(Integer.compare(i, n), left.toString(), right.toString());
            }
            sink = order;
        });
        row("eager", "the same with the strings made only if needed", OPERATIONS, n -> {
            int order = 0;
            for (int i = 0; i < n; i++) {
                int first = Integer.compare(i, n);
                order += first != 0 ? first : left.toString().compareTo(right.toString());
            }
            sink = order;
        });
        sorting();
    }

    private void sorting() {
        Member[] members = new Member[OPERATIONS];
        for (int i = 0; i < members.length; i++) {
            members[i] = new Member("people", i * 7_919L % 10_007);
        }
        row("eager", "sort(comparing(m -> m.toString())), per element", OPERATIONS, n -> {
            Member[] sorted = members.clone();
            Arrays.sort(sorted, Comparator.comparing(member -> member.toString()));
            sink = sorted;
        });
        row("eager", "sort(comparing(Member::realm).thenComparing(Member::number)), per element", OPERATIONS, n -> {
            Member[] sorted = members.clone();
            Arrays.sort(sorted, Comparator.comparing(Member::realm).thenComparingLong(Member::number));
            sink = sorted;
        });
    }

    private void regexes() {
        row("regex", "Pattern.compile(\"\\d+\").matcher(s).find()", OPERATIONS, n -> {
            boolean all = true;
            for (int i = 0; i < n; i++) {
                all &= Pattern.compile("\\d+").matcher(TEXT).find();
            }
            sink = all;
        });
        row("regex", "DIGITS.matcher(s).find()", OPERATIONS, n -> {
            boolean all = true;
            for (int i = 0; i < n; i++) {
                all &= DIGITS.matcher(TEXT).find();
            }
            sink = all;
        });
        row("regex", "s.replaceAll(\"\\d+\", \"#\")", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = TEXT.replaceAll("\\d+", "#");
            }
        });
        row("regex", "DIGITS.matcher(s).replaceAll(\"#\")", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = DIGITS.matcher(TEXT).replaceAll("#");
            }
        });
        row("regex", "s.replaceAll(\"fox\", \"cat\")", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = TEXT.replaceAll("fox", "cat");
            }
        });
        row("regex", "s.replace(\"fox\", \"cat\")", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = TEXT.replace("fox", "cat");
            }
        });
        row("regex", "s.split(\", \"), three parts", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = "one, two, three".split(", ");
            }
        });
        row("regex", "BETWEEN.split(s), three parts", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = BETWEEN.split("one, two, three");
            }
        });
        row("regex", "s.split(\",\"), three parts: no pattern is made", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = "one,two,three".split(",");
            }
        });
    }

    private void temporaries() {
        row("temporary", "new ArrayList<>() and 16 adds per turn", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                List<String> list = new ArrayList<>();
                for (int j = 0; j < 16; j++) {
                    list.add("entry");
                }
                sink = list;
            }
        });
        List<String> reused = new ArrayList<>();
        row("temporary", "list.clear() and 16 adds per turn", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                reused.clear();
                for (int j = 0; j < 16; j++) {
                    reused.add("entry");
                }
                sink = reused;
            }
        });
        row("temporary", "new SimpleDateFormat(p).format(d) per turn", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = new SimpleDateFormat("yyyy-MM-dd", Locale.ROOT).format(new Date(i));
            }
        });
        SimpleDateFormat format = new SimpleDateFormat("yyyy-MM-dd", Locale.ROOT);
        row("temporary", "format.format(d) per turn", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = format.format(new Date(i));
            }
        });
        List<Integer> numbers = new ArrayList<>(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
        row("temporary", "stream().filter(p).collect(toList()).size(), 10 entries", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = numbers.stream().filter(x -> x > 3).collect(Collectors.toList()).size();
            }
        });
        row("temporary", "stream().filter(p).count(), 10 entries", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = numbers.stream().filter(x -> x > 3).count();
            }
        });
    }

    private void copies() {
        row("copy", "a = Arrays.copyOf(a, a.length + 1), int", OPERATIONS, n -> {
            int[] a = {};
            for (int i = 0; i < n; i++) {
                a = Arrays.copyOf(a, a.length + 1);
                a[i] = i;
            }
            sink = a;
        });
        row("copy", "copyOnWriteArrayList.add(x)", OPERATIONS, n -> {
            List<String> list = new CopyOnWriteArrayList<>();
            for (int i = 0; i < n; i++) {
                list.add("entry");
            }
            sink = list;
        });
        row("copy", "arrayList.add(x)", OPERATIONS, n -> {
            List<String> list = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                list.add("entry");
            }
            sink = list;
        });
        List<String> hundred = new ArrayList<>(Collections.nCopies(100, "entry"));
        row("copy", "new ArrayList<>(xs) per turn, 100 entries", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = new ArrayList<>(hundred);
            }
        });
        for (int size : new int[] {1_000, 16_000}) {
            row("copy", String.format("arrayList.remove(0) until empty, %,d entries", size), size, n -> {
                List<String> list = new ArrayList<>(Collections.nCopies(n, "entry"));
                while (!list.isEmpty()) {
                    sink = list.remove(0);
                }
            });
        }
    }

    private void kept() {
        long[] next = {0};
        row("kept", "String.intern(), each value new", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = ("member:" + next[0]++).intern();
            }
        });
        String known = "member:1".intern();
        row("kept", "String.intern(), always the same value", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                sink = known.intern();
            }
        });
        Map<String, String> cache = new LinkedHashMap<>(256, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
                return size() > 128;
            }
        };
        row("kept", "LinkedHashMap of 128 entries as cache, each value new", OPERATIONS, n -> {
            for (int i = 0; i < n; i++) {
                String key = "member:" + next[0]++;
                cache.putIfAbsent(key, key);
            }
            sink = cache;
        });
    }
}
