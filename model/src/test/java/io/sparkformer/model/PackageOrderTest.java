package io.sparkformer.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;

/** Packages of this module depend one way: the JDK's jdeps reads what each class refers to. */
class PackageOrderTest {
  private static final String ROOT = "io.sparkformer.model.";
  /** Each refers only to itself and to those before it. */
  private static final List<String> ORDER = List.of(
      "memory", "config", "optimizer", "architecture",
      "kernel", "kernel.portable", "kernel.profile",
      "kernel.cpu.memory", "kernel.cpu.rows", "kernel.cpu.product", "kernel.cpu.attention", "kernel.cpu",
      "kernel.cuda.driver", "kernel.cuda.array", "kernel.cuda.product", "kernel.cuda",
      "kernel.KernelSelection", // chooses one of the kernels above, and stands beside their interface
      "batch", "objective", "block", "graph", "explain", "decode", "hub", "checkpoint");
  private static final Pattern REFERENCE =
      Pattern.compile("(?m)^ +(io\\.sparkformer\\.model\\.\\S+) +-> (io\\.sparkformer\\.model\\.\\S+) ");

  @Test
  void everyClassRefersToItsOwnPackageAndToThoseBeforeIt() {
    List<String> wrong = new ArrayList<>();
    int references = 0;
    for (Matcher found = REFERENCE.matcher(references()); found.find(); references++) {
      if (place(found.group(1)) < place(found.group(2))) {
        wrong.add(found.group(1) + " -> " + found.group(2));
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(references).isGreaterThan(1000);
  }

  private static int place(String type) {
    String name = type.substring(ROOT.length()).replaceFirst("\\$.*", "");
    int place = ORDER.indexOf(name);
    place = place >= 0 ? place : ORDER.indexOf(name.replaceFirst("\\.?\\w+$", ""));
    assertThat(place).as("place of %s: a new package is put into ORDER", type).isNotNegative();
    return place;
  }

  /** Lines {@code class -> class origin}. */
  private static String references() {
    StringWriter printed = new StringWriter();
    PrintWriter writer = new PrintWriter(printed);
    int status = ToolProvider.findFirst("jdeps").orElseThrow().run(writer, writer, "-verbose:class", "-filter:none", "-e",
        Pattern.quote(ROOT) + ".*", "target/classes");
    assertThat(status).as(printed.toString()).isZero();
    return printed.toString();
  }
}
