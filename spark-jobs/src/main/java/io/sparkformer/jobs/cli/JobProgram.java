package io.sparkformer.jobs.cli;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.config.Assignment;
import io.sparkformer.jobs.config.InvalidSettingException;
import io.sparkformer.jobs.config.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * A job as a program: its command line, its settings, its Spark session, its failures. For example
 *
 * <pre>{@code
 * public static void main(String[] args) {
 *     JobProgram.named("translate", "Translates a text file, or a column of a table.")
 *             .group("Search")
 *             .flag("--beam", "translate.beam", "N", "beam width; 1 is greedy")
 *             .example("translate.sh --model out/run --input text.en --output text.de")
 *             .main(args, Settings::translate, (run, settings) -> new TranslateJob(run, settings).translate());
 * }
 * }</pre>
 */
public final class JobProgram {
  private static final Logger LOG = LoggerFactory.getLogger(JobProgram.class);

  private final String name;
  private final String purpose;
  private final Map<String, SettingFlag> flags = new LinkedHashMap<>();
  private final Map<String, String> options = new LinkedHashMap<>();
  /** Headings of the help, each with the options below it in the order in which they were declared. */
  private final Map<String, List<String>> groups = new LinkedHashMap<>();
  private final List<String> examples = new ArrayList<>();
  /** The file of conf/ with the job's own defaults. */
  private Optional<String> defaults = Optional.empty();

  private JobProgram(String name, String purpose) {
    this.name = name;
    this.purpose = purpose;
  }

  /** The work of a job; it may throw anything, see {@link FailureLine}. */
  @FunctionalInterface
  public interface Work<S> {
    void run(JobRun run, S settings) throws Exception;
  }

  /** A job called {@code <name>.sh}, and the sentence that its help begins with. */
  public static JobProgram named(String name, String purpose) {
    return new JobProgram(name, purpose);
  }

  /** Begins a group of the help: flags and options that are added next stand below this heading. */
  public JobProgram group(String heading) {
    groups.put(heading, new ArrayList<>());
    return this;
  }

  /**
   * Adds a flag with a value that stands for a setting; help shows the key and its default in base.conf.
   *
   * @param flag with its dashes, {@code --beam}
   * @param key the full key in base.conf
   * @param valueName what help calls the value, {@code N}, {@code FILE}
   */
  public JobProgram flag(String flag, String key, String valueName, String description) {
    flags.put(flag, new SettingFlag(flag, key, valueName, description));
    addToGroup(flag);
    return this;
  }

  /** Adds a flag without a value that sets a setting to true. */
  public JobProgram switchFlag(String flag, String key, String description) {
    return flag(flag, key, "", description);
  }

  /** Adds an option without a value that is no setting, {@code --resume}; see {@link JobRun#has}. */
  public JobProgram option(String option, String description) {
    options.put(option, description);
    addToGroup(option);
    return this;
  }

  private void addToGroup(String option) {
    if (groups.isEmpty()) {
      throw new IllegalStateException(option + " stands in no group; call group first");
    }
    List<String> last = new ArrayList<>(groups.values()).get(groups.size() - 1);
    last.add(option);
  }

  /** Puts the values of a file of conf/, which the job jar carries, over those of base.conf: the job's own defaults. */
  public JobProgram defaults(String file) {
    defaults = Optional.of(file);
    return this;
  }

  /** Adds a command line to the end of the help. */
  public JobProgram example(String commandLine) {
    examples.add(commandLine);
    return this;
  }

  /** Runs the job and exits the process with its status. */
  public <S> void main(String[] args, Function<Settings, S> record, Work<S> work) {
    System.exit(run(args, record, work));
  }

  /**
   * Runs the job.
   *
   * @param record makes the job's record of the settings; called before Spark starts, so that a mistake shows at once
   * @return the exit status
   */
  public <S> int run(String[] args, Function<Settings, S> record, Work<S> work) {
    StatusLine.ofProcess();
    return CommandLines.of(spec(), line -> execute(line, record, work)).execute(args);
  }

  private <S> int execute(CommandLine command, Function<Settings, S> record, Work<S> work) throws Exception {
    ParseResult line = command.getParseResult();
    JavaVersions.warning(Runtime.version().feature()).ifPresent(LOG::warn);
    LoginUser.require();
    Optional<String> file = Optional.ofNullable(line.matchedOptionValue("--config", null));
    List<Assignment> assignments;
    Settings settings;
    S jobSettings;
    try {
      assignments = assignments(line);
      settings = Settings.load(file, assignments, new Configuration(), defaults);
      jobSettings = record.apply(settings);
    } catch (InvalidSettingException e) {
      throw new InvalidInputException(withFlag(e), e);
    }
    announce(settings, file, assignments.isEmpty() ? "" : " and the command line");
    Set<String> given = new LinkedHashSet<>(options.keySet());
    given.removeIf(option -> !line.hasMatchedOption(option));
    boolean found = SparkSession.getDefaultSession().isDefined();
    SparkSession spark = SparkStart.session(name);
    var stop = new StopSignal();
    try {
      work.run(new JobRun(spark, settings, Set.copyOf(given), stop, command.getOut()), jobSettings);
    } finally {
      command.getOut().flush();
      if (!found) {
        spark.stop();
      }
    }
    return stop.exitStatus();
  }

  /** One line for people; the log gets all settings. */
  private void announce(Settings settings, Optional<String> file, String andCommandLine) {
    LOG.info("{}: settings from {}{}{}", name, file.orElse("conf/base.conf"), andCommandLine,
        CommandLines.logFile().map(log -> "; log: " + log).orElse(""));
    LOG.debug("settings that differ from conf/base.conf:\n  {}", String.join("\n  ", settings.differences()));
    LOG.debug("all settings:\n{}", settings.render());
  }

  private List<Assignment> assignments(ParseResult line) {
    List<Assignment> assignments = new ArrayList<>();
    String[] set = line.matchedOptionValue("--set", new String[0]);
    for (String each : set) {
      assignments.add(Assignment.parse(each));
    }
    flags.values().stream().filter(flag -> line.hasMatchedOption(flag.name()))
        .forEach(flag -> assignments.add(flag.assignment(line)));
    return assignments;
  }

  /** The failure's message, with the flag in place of {@code --set key=...} where there is one. */
  private String withFlag(InvalidSettingException e) {
    return flags.values().stream().filter(flag -> flag.key().equals(e.key())).findFirst()
        .map(flag -> e.getMessage().replace("--set " + e.key() + "=...", flag.usage())).orElse(e.getMessage());
  }

  private OptionSpec option(String name) {
    return flags.containsKey(name) ? flags.get(name).option(Settings.defaults(defaults))
        : OptionSpec.builder(name).type(boolean.class).arity("0").description(options.get(name)).build();
  }

  private CommandSpec spec() {
    CommandSpec spec = CommandSpec.create().name(name + ".sh");
    CommandLines.addGroup(spec, "Settings", List.of(
        OptionSpec.builder("-c", "--config").type(String.class).paramLabel("FILE")
            .description("settings of this run, over the defaults of conf/base.conf; any Hadoop path").build(),
        OptionSpec.builder("-s", "--set").type(String[].class).arity("1").paramLabel("KEY=VALUE")
            .description("one setting, over the file's; may be repeated. conf/base.conf has every key").build()));
    groups.forEach((heading, names) -> CommandLines.addGroup(spec, heading, names.stream().map(this::option).toList()));
    spec.usageMessage().description(purpose);
    if (!examples.isEmpty()) {
      spec.usageMessage().footer(examples.stream().map(example -> "  " + example).toArray(String[]::new))
          .footerHeading("%nExamples:%n");
    }
    return spec;
  }
}
