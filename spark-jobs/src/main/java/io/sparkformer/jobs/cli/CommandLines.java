package io.sparkformer.jobs.cli;

import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Behaviour of all command lines: {@code --help}, {@code --version}, one line for wrong usage (status 2) and for a
 * failure (status 1), the stack trace in the log.
 */
public final class CommandLines {
  private static final Logger LOG = LoggerFactory.getLogger(CommandLines.class);
  private static final int USAGE_WIDTH = 100;
  /** The environment variable that conf/log4j2.properties reads the log file's name from. */
  private static final String LOG_FILE_VARIABLE = "SPARKFORMER_LOG_FILE";
  private static final int INTERRUPTED = 130;
  private static final String SYNOPSIS = "[SPARK OPTIONS --] [OPTIONS]";

  private CommandLines() {
  }

  /** Runs a command with its parsed line; returns the exit status. */
  @FunctionalInterface
  public interface Action {
    int run(CommandLine parsed) throws Exception;
  }

  /** A command line that runs the action; call {@code execute(args)} for the exit status. */
  public static CommandLine of(CommandSpec spec, Action action) {
    boolean grouped = !spec.argGroups().isEmpty();
    addGroup(spec, "Help", List.of(
        OptionSpec.builder("-h", "--help").type(boolean.class).arity("0").usageHelp(true)
            .description("show this help and exit").build(),
        OptionSpec.builder("-V", "--version").type(boolean.class).arity("0").versionHelp(true)
            .description("show the version and exit").build()));
    spec.version("sparkformer " + version());
    if (spec.positionalParameters().isEmpty()) {
      spec.usageMessage().customSynopsis(spec.name() + " " + SYNOPSIS);
    }
    spec.usageMessage().width(USAGE_WIDTH).sortOptions(false).optionListHeading(grouped ? "" : "%nOptions:%n")
        .exitCodeListHeading("%nExit status:%n")
        .exitCodeList(exitStatuses());
    var command = new CommandLine(spec).setExpandAtFiles(false).setOut(utf8(System.out)).setErr(utf8(System.err));
    command.setExecutionStrategy(parsed -> {
      Integer help = CommandLine.executeHelpRequest(parsed);
      return help != null ? help : act(action, command);
    });
    command.setParameterExceptionHandler((e, args) -> wrongUsage(e));
    command.setExecutionExceptionHandler((e, failed, parsed) -> failed(e, failed));
    return command;
  }

  /** Adds options below a heading of their own; the help shows groups in the order in which they were added. */
  static void addGroup(CommandSpec spec, String heading, List<OptionSpec> options) {
    var group = ArgGroupSpec.builder().validate(false).heading("%n" + heading + ":%n").order(spec.argGroups().size());
    options.forEach(group::addArg);
    spec.addArgGroup(group.build());
  }

  private static int act(Action action, CommandLine command) {
    try {
      return action.run(command);
    } catch (Throwable e) {
      // Whatever it is, a person gets one line: Hadoop throws errors where a disk is full, and memory may be short.
      return failed(e, command);
    }
  }

  private static int wrongUsage(ParameterException e) {
    CommandLine command = e.getCommandLine();
    String hint = "";
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> suggestions = unmatched.getSuggestions();
      hint = suggestions.isEmpty() ? "" : "; did you mean " + suggestions.get(0) + "?";
    }
    command.getErr().println("error: " + e.getMessage().lines().findFirst().orElse("wrong usage") + hint
        + " (" + command.getCommandName() + " --help lists the options)");
    command.getErr().flush();
    return CommandLine.ExitCode.USAGE;
  }

  private static int failed(Throwable thrown, CommandLine command) {
    if (isShuttingDown()) {
      return INTERRUPTED;
    }
    FailureLine line = FailureLine.of(thrown);
    try {
      // To the log file alone: conf/log4j2.properties keeps this logger off the console.
      LOG.error("{} failed", command.getCommandName(), thrown);
    } finally {
      String log = logFile().map(file -> " at " + file).orElse("");
      command.getErr().println("error: " + line.text() + (line.expected() ? "" : "; see the log" + log));
      command.getErr().flush();
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** Whether Ctrl-C or SIGTERM is ending the process; failures are then a consequence. */
  private static boolean isShuttingDown() {
    var probe = new Thread();
    try {
      Runtime.getRuntime().addShutdownHook(probe);
      return !Runtime.getRuntime().removeShutdownHook(probe);
    } catch (IllegalStateException shuttingDown) {
      return true;
    }
  }

  /** Always UTF-8, whatever the locale, as text files are. */
  private static PrintWriter utf8(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }

  private static Map<String, String> exitStatuses() {
    Map<String, String> statuses = new LinkedHashMap<>();
    statuses.put("0", "done");
    statuses.put("1", "failed; the last line says why");
    statuses.put("2", "wrong usage");
    return statuses;
  }

  /** The file that has what the console does not show; empty where none was chosen. */
  static Optional<String> logFile() {
    return Optional.ofNullable(System.getenv(LOG_FILE_VARIABLE)).filter(file -> !file.isEmpty());
  }

  private static String version() {
    String version = CommandLines.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
