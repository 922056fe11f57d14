package io.sparkformer.jobs.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.architecture.NetworkSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * All settings of a run: base.conf, over it the run's file, over that the command line's assignments. Immutable; every key is known
 * and every value has its key's type. The records check ranges when they are asked for.
 */
public final class Settings {
  private final Config config;
  /** Files that a job reads besides those that settings name. */
  private final List<Path> given;

  private Settings(Config config, List<Path> given) {
    this.config = config;
    this.given = given;
  }

  /** Nothing but base.conf. */
  public static Settings defaults() {
    return new Settings(KnownKeys.BASE.defaults(), List.of());
  }

  /** Nothing but base.conf and the job's own defaults, as for {@link #load}. */
  public static Settings defaults(Optional<String> ofJob) {
    return new Settings(checked(ofJob.map(SettingsFile::ofJar).orElse(ConfigFactory.empty())), List.of());
  }

  /**
   * Reads and checks the settings of a run.
   *
   * @param file the run's file: a local path, or one on any Hadoop file system; empty for none
   * @param assignments the command line's, later ones winning
   * @param hadoop what knows the file systems
   * @throws InvalidSettingException with a readable line, when the file is missing or not HOCON, or a key or value is wrong
   */
  public static Settings load(Optional<String> file, List<Assignment> assignments, Configuration hadoop) {
    return load(file, assignments, hadoop, Optional.empty());
  }

  /**
   * As above, of a job whose defaults are not those of base.conf alone.
   *
   * @param ofJob name of a file in conf/ that the job jar carries, whose values stand over those of base.conf and under all others
   */
  public static Settings load(Optional<String> file, List<Assignment> assignments, Configuration hadoop, Optional<String> ofJob) {
    Config fromFile = file.map(name -> SettingsFile.parse(name, hadoop)).orElse(ConfigFactory.empty());
    Config config = checked(assigned(assignments).withFallback(fromFile)
        .withFallback(ofJob.map(SettingsFile::ofJar).orElse(ConfigFactory.empty())));
    List<Path> given = new ArrayList<>(ProcessFiles.ofProcess());
    file.map(name -> FileName.path("--config", name)).ifPresent(given::add);
    given.addAll(SettingsFile.filesOf(config));
    return new Settings(config, List.copyOf(given));
  }

  /**
   * Reads settings from HOCON text, as {@link #render} wrote it.
   *
   * @param place what messages call the text: the file it was stored in
   */
  public static Settings parse(String hocon, String place) {
    var options = ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF).setOriginDescription(place);
    try {
      return new Settings(checked(ConfigFactory.parseString(hocon, options)), List.of());
    } catch (ConfigException.Parse e) {
      throw SettingsFile.unreadable(place, e);
    }
  }

  /** These settings with further assignments over them. */
  public Settings with(List<Assignment> assignments) {
    return new Settings(checked(assigned(assignments).withFallback(config)), given);
  }

  public PrepareSettings prepare() {
    return record(PrepareSettings::from);
  }

  public NetworkSettings model() {
    return record(ModelSettings::from);
  }

  /** The network of a model folder, with what these settings say over it. */
  public FolderModel over(ModelConfig folder) {
    return record(values -> FolderModel.of(values, folder));
  }

  public TrainSettings train() {
    return record(TrainSettings::from);
  }

  public FinetuneSettings finetune() {
    return record(FinetuneSettings::from);
  }

  public PredictSettings predict() {
    return record(PredictSettings::from);
  }

  public TranslateSettings translate() {
    return record(TranslateSettings::from);
  }

  public EmbedSettings embed() {
    return record(EmbedSettings::from);
  }

  public GenerateSettings generate() {
    return record(GenerateSettings::from);
  }

  public ComputeSettings compute() {
    return record(ComputeSettings::from);
  }

  public EvaluateSettings evaluate() {
    return record(EvaluateSettings::from);
  }

  public CardSettings card() {
    return record(CardSettings::from);
  }

  public ReportSettings report() {
    return record(ReportSettings::from);
  }

  public NotifySettings notifications() {
    return record(NotifySettings::from);
  }

  public ExplainSettings explain() {
    return record(ExplainSettings::from);
  }

  public ConvertSettings convert() {
    return record(ConvertSettings::from);
  }

  /** The text of a key's value; empty when it is null. For messages: jobs read their records. */
  public Optional<String> valueOf(String key) {
    return config.getIsNull(key) ? Optional.empty() : Optional.of(String.valueOf(config.getValue(key).unwrapped()));
  }

  /** Every key and value as HOCON text that {@link #parse} reads back to equal settings. */
  public String render() {
    return config.root().render(ConfigRenderOptions.defaults().setJson(false).setOriginComments(false).setComments(false));
  }

  /** Every setting whose key is wanted, in the order of base.conf: {@code key = value}, a line each. */
  public String lines(Predicate<String> wanted) {
    StringBuilder lines = new StringBuilder();
    for (String key : KnownKeys.BASE.keys()) {
      if (wanted.test(key)) {
        lines.append(key).append(" = ").append(new SettingValues(config).read(key).orElse(null)).append('\n');
      }
    }
    return lines.toString();
  }

  /** Without what may be a secret, an address to post to for instance: for files that are passed on with a model. */
  public Settings withoutSecrets() {
    return with(List.of(Assignment.parse("train.notify.command=null"), Assignment.parse("train.notify.url=null")));
  }

  /** The settings that differ from base.conf, in its order, each as {@code key = value}. */
  public List<String> differences() {
    List<String> lines = new ArrayList<>();
    for (String key : KnownKeys.BASE.keys()) {
      if (new SettingValues(config).isChanged(key)) {
        lines.add(key + " = " + (config.getIsNull(key) ? "null" : config.getValue(key).unwrapped()));
      }
    }
    return lines;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Settings settings && settings.render().equals(render());
  }

  @Override
  public int hashCode() {
    return render().hashCode();
  }

  @Override
  public String toString() {
    return "Settings" + differences();
  }

  private <R> R record(Function<SettingValues, R> from) {
    try {
      return from.apply(new SettingValues(config, given));
    } catch (InvalidSettingException e) {
      throw placed(e);
    }
  }

  private InvalidSettingException placed(InvalidSettingException e) {
    boolean set = KnownKeys.BASE.contains(e.key()) && !config.getIsNull(e.key());
    return set ? e.at(KnownKeys.place(config.getValue(e.key()))) : e;
  }

  private static Config assigned(List<Assignment> assignments) {
    Config config = ConfigFactory.empty();
    for (Assignment each : assignments) {
      if (!KnownKeys.BASE.contains(each.key())) {
        throw unknown(each.key(), each.place());
      }
      boolean unset = each.value().equals("null") && KnownKeys.BASE.mayBeNull(each.key());
      ConfigValue value = ConfigValueFactory.fromAnyRef(unset ? null : each.value(), each.place());
      config = config.withValue(each.key(), value);
    }
    return config;
  }

  /** The given values over base.conf, with substitutions resolved, every key known and every value of its type. */
  private static Config checked(Config given) {
    Config merged;
    try {
      merged = given.withFallback(KnownKeys.BASE.defaults()).resolve();
    } catch (ConfigException e) {
      throw InvalidSettingException.problem("${}", "The configuration cannot be resolved: " + SettingsFile.oneLine(e),
          "${NAME} must name a setting or an environment variable");
    }
    KnownKeys.eachLeaf(merged.root(), Settings::check);
    return merged;
  }

  private static void check(String key, ConfigValue value) {
    KnownKeys known = KnownKeys.BASE;
    String place = KnownKeys.place(value);
    if (known.isGroup(key)) {
      throw InvalidSettingException.problem(key, key + " is a group of settings, and cannot have a value",
          "write " + key + " { ... }").at(place);
    }
    if (!known.contains(key)) {
      throw unknown(key, place);
    }
    if (value.valueType() == ConfigValueType.NULL) {
      if (!known.mayBeNull(key)) {
        throw InvalidSettingException.problem(key, key + " cannot be null", "its default is " + known.defaultOf(key).unwrapped())
            .at(place);
      }
      return;
    }
    try {
      known.typeOf(key).read(key, value);
    } catch (InvalidSettingException e) {
      throw e.at(place);
    }
  }

  private static InvalidSettingException unknown(String key, String place) {
    return InvalidSettingException.problem(key, "Unknown setting " + key,
        "did you mean " + KnownKeys.BASE.nearest(key) + "?" + KnownKeys.BASE.siblings(key) + " (every setting stands in conf/base.conf)")
        .at(place);
  }
}
