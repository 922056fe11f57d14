package io.sparkformer.jobs.page;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.jobs.explain.ExplainedLine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A page about what a model attends to: for each line a table of what was said and why, which needs no script, and the maps, which
 * {@code explanation.js} draws from numbers in the page. Numbers are 16-bit integers, 32767 for the largest of a map (1 for attention), so
 * that a pair of tokens takes 2.7 characters a head.
 */
public final class ExplanationPage {
  private static final int LARGEST = Short.MAX_VALUE;
  /** Tokens that the table names for a prediction. */
  private static final int STRONGEST = 3;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String model;
  private final long mostCharacters;
  private final StringBuilder body = new StringBuilder();
  private int lines;

  /**
   * @param model name of the model
   * @param mostCharacters of the lines; {@link #add} refuses more
   */
  public ExplanationPage(String model, long mostCharacters) {
    this.model = model;
    this.mostCharacters = mostCharacters;
  }

  /** Adds a line, unless the page would become too large: then returns false. */
  public boolean add(ExplainedLine line) {
    if (body.length() + size(line) > mostCharacters) {
      return false;
    }
    addLine(line);
    lines++;
    return true;
  }

  /** How many lines the page shows. */
  public int lines() {
    return lines;
  }

  /** The whole page. */
  public String html() throws IOException {
    return PageFrame.begin("What " + model + " attends to", "explanation.css") + "<p class=\"faint\">" + lines + " line(s). Rows of a map "
        + "are the tokens that attend, columns those that are attended to; a row of attention weights sums to 1. A decoder attends from "
        + "the token that it has read last, to predict the next one. Saliency is the gradient of a prediction's log-probability times the "
        + "token's embedding: what the token adds to it, to first order. In maps, arrow keys move "
        + "from cell to cell.</p>\n" + body + "<script>//<![CDATA[\n" + PageFrame.resource("explanation.js") + "//]]></script>\n"
        + PageFrame.END;
  }

  /** Characters of a line's maps, which are nearly all that it takes. */
  private static long size(ExplainedLine line) {
    long elements = (long) line.predictions().size() * line.read().size();
    for (ExplainedLine.TokenMaps maps : line.attention()) {
      elements += maps.layers().stream().mapToLong(heads -> (long) heads.length * maps.queries().size() * maps.keys().size()).sum();
    }
    return elements * Short.BYTES * 4 / 3;
  }

  private void addLine(ExplainedLine line) {
    body.append("<details class=\"line\"").append(lines == 0 ? " open=\"open\"" : "").append("><summary>Line ").append(line.number())
        .append(": ").append(Html.escape(shortened(line.texts().get(0).text()))).append("</summary>\n");
    for (ExplainedLine.NamedText text : line.texts()) {
      body.append("<p><span class=\"faint\">").append(Html.escape(text.name())).append("</span><br/>").append(Html.escape(text.text()))
          .append("</p>\n");
    }
    body.append("<div class=\"maps\"><p class=\"faint\">The maps need a browser that runs scripts.</p></div>\n");
    addTable(line);
    // No character of the data can end the script element or be taken for markup.
    body.append("<script type=\"application/json\">").append(json(line).toString().replace("&", "\\u0026").replace("<", "\\u003c")
        .replace(">", "\\u003e")).append("</script></details>\n");
  }

  private static String shortened(String text) {
    return text.codePointCount(0, text.length()) <= 80 ? text : text.substring(0, text.offsetByCodePoints(0, 79)) + "…";
  }

  private void addTable(ExplainedLine line) {
    if (line.predictions().isEmpty()) {
      body.append("<p class=\"faint\">The model has no head: it predicts nothing, so there is no saliency.</p>\n");
      return;
    }
    ExplainedLine.TokenMaps cross = line.attention().stream().filter(maps -> maps.kind().equals("Cross-attention")).findFirst()
        .orElse(null);
    body.append("<details><summary>Predictions as a table</summary><div class=\"scroll\"><table><thead><tr><th>Prediction</th>"
        + "<th>Probability</th>").append(cross == null ? "" : "<th>Attends most to (mean of all heads and layers)</th>")
        .append("<th>Rests most on (saliency)</th></tr></thead><tbody>\n");
    for (int i = 0; i < line.predictions().size(); i++) {
      ExplainedLine.WeighedPrediction prediction = line.predictions().get(i);
      body.append("<tr><td>").append(Html.escape(prediction.text())).append("</td><td>")
          .append(String.format(Locale.ROOT, "%.3f", prediction.probability())).append("</td>");
      if (cross != null) {
        body.append("<td>").append(named(strongest(mean(cross, i), 1), mean(cross, i), cross.keys())).append("</td>");
      }
      body.append("<td>").append(named(strongest(prediction.saliency(), STRONGEST), prediction.saliency(), line.read()))
          .append("</td></tr>\n");
    }
    body.append("</tbody></table></div></details>\n");
  }

  /** What a query attends to, on average over all layers and heads: {@code [keys]}. */
  private static float[] mean(ExplainedLine.TokenMaps maps, int query) {
    float[] mean = new float[maps.keys().size()];
    for (float[][][] heads : maps.layers()) {
      for (float[][] head : heads) {
        for (int key = 0; key < mean.length; key++) {
          mean[key] += head[query][key] / (heads.length * maps.layers().size());
        }
      }
    }
    return mean;
  }

  private static List<Integer> strongest(float[] values, int count) {
    return IntStream.range(0, values.length).boxed().filter(i -> values[i] != 0)
        .sorted(Comparator.comparingDouble((Integer i) -> -Math.abs(values[i])).thenComparingInt(i -> i)).limit(count).toList();
  }

  private static String named(List<Integer> places, float[] values, List<String> tokens) {
    return places.stream().map(i -> Html.escape(tokens.get(i)) + " <span class=\"faint\">" + Html.number(values[i]) + "</span>")
        .collect(Collectors.joining(", "));
  }

  private static ObjectNode json(ExplainedLine line) {
    ObjectNode json = JSON.createObjectNode();
    ArrayNode maps = json.putArray("maps");
    for (ExplainedLine.TokenMaps kind : line.attention()) {
      ObjectNode map = maps.addObject().put("name", kind.kind()).put("scale", 1);
      strings(map.putArray("rows"), kind.queries());
      strings(map.putArray("columns"), kind.keys());
      ArrayNode layers = map.putArray("layers");
      kind.layers().forEach(heads -> layers.addObject().put("heads", heads.length).put("values", packed(heads, 1)));
    }
    if (!line.predictions().isEmpty()) {
      float[][] saliency = line.predictions().stream().map(ExplainedLine.WeighedPrediction::saliency).toArray(float[][]::new);
      float scale = largest(saliency);
      ObjectNode map = maps.addObject().put("name", "Saliency").put("signed", true).put("scale", scale);
      strings(map.putArray("rows"), line.predictions().stream()
          .map(prediction -> String.format(Locale.ROOT, "%s (%.2f)", prediction.text(), prediction.probability())).toList());
      strings(map.putArray("columns"), line.read());
      map.putArray("layers").addObject().put("heads", 1).put("values", packed(new float[][][] {saliency}, scale));
    }
    return json;
  }

  private static void strings(ArrayNode array, List<String> texts) {
    texts.forEach(array::add);
  }

  private static float largest(float[][] values) {
    float largest = Float.MIN_NORMAL;
    for (float[] row : values) {
      for (float value : row) {
        largest = Math.max(largest, Math.abs(value));
      }
    }
    return largest;
  }

  /** Little-endian 16-bit integers in Base64. */
  private static String packed(float[][][] heads, float scale) {
    ByteBuffer bytes = ByteBuffer.allocate(heads.length * heads[0].length * heads[0][0].length * Short.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN);
    for (float[][] head : heads) {
      for (float[] row : head) {
        for (float value : row) {
          bytes.putShort((short) Math.round(value / scale * LARGEST));
        }
      }
    }
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
