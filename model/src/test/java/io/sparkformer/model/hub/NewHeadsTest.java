package io.sparkformer.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkformer.model.architecture.ModelConfig;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.HeadConfig.SequenceClass.Problem;
import io.sparkformer.model.graph.NamedParameter;
import io.sparkformer.model.graph.TransformerModel;
import io.sparkformer.model.kernel.portable.Nd4jKernels;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A folder of Hugging Face's goes on as a classifier: what it has is read, the rest is drawn. */
class NewHeadsTest {

  private static HubFolder folder(String name) throws IOException {
    return HubFolder.open(new Configuration(), new Path(HubCases.own(name).toUri()));
  }

  private static Map<String, float[]> parameters(TransformerModel model) {
    return model.namedParameters().stream().collect(Collectors.toMap(NamedParameter::name, parameter -> model.parameters()
        .get(NDArrayIndex.interval(parameter.offset(), parameter.offset() + parameter.length())).toFloatVector()));
  }

  @Test
  void theEncoderIsReadAndTheHeadIsDrawn() throws IOException {
    HubFolder folder = folder("bert-mlm");
    ModelConfig classifier = folder.config().forSequences(List.of("bad", "so-so", "good"));
    List<String> fresh = folder.newTensorsOf(classifier);
    assertThat(fresh).containsExactly("bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias");
    assertThat(classifier.labelNames()).containsExactly("bad", "so-so", "good");
    TransformerModel drawn = TransformerModel.create(classifier.network(), new Nd4jKernels());
    TransformerModel model = TransformerModel.create(classifier.network(), new Nd4jKernels());
    folder.readInto(model, classifier, fresh);
    TransformerModel original = TransformerModel.create(folder.config().network(), new Nd4jKernels());
    folder.readInto(original);
    Map<String, float[]> read = parameters(original);
    Map<String, float[]> first = parameters(drawn);
    parameters(model).forEach((name, values) -> assertThat(values).as(name)
        .isEqualTo((name.matches("(pooler|classifier)\\..*") ? first : read).get(name)));
    assertThat(parameters(model).get("classifier.weight")).hasSize(3 * classifier.network().width()).doesNotContain(0);
  }

  @Test
  void aClassifierOfTheSameClassesStaysAndOneOfOthersIsDrawn() throws IOException {
    HubFolder folder = folder("bert-sequence-classification");
    List<String> names = folder.config().labelNames();
    assertThat(folder.newTensorsOf(folder.config().forSequences(names))).isEmpty();
    List<String> others = names.stream().map(name -> name + "?").toList();
    assertThat(folder.newTensorsOf(folder.config().forSequences(others))).containsExactly("classifier.weight", "classifier.bias");
    assertThat(folder.newTensorsOf(folder.config().forSequences(List.of()))).containsExactly("classifier.weight", "classifier.bias");
    HubFolder roberta = folder("roberta-mlm");
    assertThat(roberta.newTensorsOf(roberta.config().forSequences(List.of("a", "b")))).containsExactly("classifier.dense.weight",
        "classifier.dense.bias", "classifier.out_proj.weight", "classifier.out_proj.bias");
  }

  @Test
  void oneLabelIsAValue() throws IOException {
    ModelConfig values = folder("bert-mlm").config().forSequences(List.of());
    assertThat(values.json().path("problem_type").asText()).isEqualTo("regression");
    assertThat(((HeadConfig.SequenceClass) values.network().heads().get(0)).problem()).isEqualTo(Problem.REGRESSION);
    var unnamed = values.json();
    unnamed.remove("problem_type");
    assertThat(ModelConfig.of(unnamed).network()).isEqualTo(values.network());
  }

  @Test
  void familiesAndProblemsWithoutSuchAHeadAreRefused() throws IOException {
    ModelConfig gpt2 = folder("gpt2").config();
    assertThatThrownBy(() -> gpt2.forSequences(List.of("a", "b"))).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("config.json: model_type = gpt2 cannot classify texts here; supported: bert, roberta, xlm-roberta");
    var several = folder("bert-mlm").config().forSequences(List.of("a", "b")).json().put("problem_type", "multi_label_classification");
    assertThatThrownBy(() -> ModelConfig.of(several)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("problem_type = multi_label_classification is not supported; supported: single_label_classification, "
            + "regression");
  }
}
