package io.sparkformer.jobs.runs;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.cli.CommandLines;
import io.sparkformer.jobs.page.ComparisonPage;
import io.sparkformer.jobs.page.ReportPage;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The program that runs.sh starts: lists runs, compares two, or writes the report of one again. */
public final class RunsJob {
  private static final String REPORT = "--report";
  private static final String PAGE = "--page";

  private RunsJob() {}

  public static void main(String[] args) {
    System.exit(program().execute(args));
  }

  /** The command line. */
  public static CommandLine program() {
    CommandSpec spec = CommandSpec.create().name("runs.sh");
    spec.usageMessage().description("Lists the training runs below a folder, or compares two runs.");
    spec.addPositional(PositionalParamSpec.builder().paramLabel("FOLDER [OTHER]").hideParamSyntax(true).index("0..1").arity("1")
        .required(true).type(String[].class)
        .description("a folder below which runs are looked for; or two training outputs, to compare them").build());
    spec.addOption(OptionSpec.builder(REPORT).type(boolean.class).arity("0")
        .description("write report.html of the training output FOLDER again").build());
    spec.addOption(OptionSpec.builder(PAGE).type(String.class).paramLabel("FILE")
        .description("write the curves of both runs, one over the other, as a page").build());
    return CommandLines.of(spec, RunsJob::run);
  }

  private static int run(CommandLine command) throws IOException {
    ParseResult line = command.getParseResult();
    List<Path> folders = List.of((String[]) line.matchedPositionalValue(0, new String[0])).stream().map(Path::new).toList();
    Configuration hadoop = new Configuration();
    PrintWriter out = command.getOut();
    String page = line.matchedOptionValue(PAGE, null);
    if (folders.size() == 1 && page != null || folders.size() == 2 && line.hasMatchedOption(REPORT)) {
      throw new InvalidInputException(PAGE + " needs two training outputs, " + REPORT + " one");
    }
    if (folders.size() == 1 && line.hasMatchedOption(REPORT)) {
      if (!ReportPage.write(hadoop, folders.get(0))) {
        throw new InvalidInputException(folders.get(0) + " is no training output: it has no metrics");
      }
      out.println("report: " + new Path(folders.get(0), ReportPage.FILE));
    } else if (folders.size() == 1) {
      RunTable.below(hadoop, folders.get(0)).lines(System.currentTimeMillis()).forEach(out::println);
    } else {
      RunDifferences.of(hadoop, folders.get(0), folders.get(1)).lines().forEach(out::println);
      if (page != null) {
        ComparisonPage.write(hadoop, folders.get(0), folders.get(1), new Path(page));
        out.println("curves: " + page);
      }
    }
    out.flush();
    return 0;
  }
}
