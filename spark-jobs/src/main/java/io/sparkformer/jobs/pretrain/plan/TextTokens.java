package io.sparkformer.jobs.pretrain.plan;

import io.sparkformer.model.architecture.SpecialTokens;
import io.sparkformer.model.hub.TokenRoles;
import java.io.Serializable;
import java.util.List;
import java.util.Set;

/**
 * What objectives that learn from text have to know of a tokenizer.
 *
 * @param mask id of the mask token; {@link SpecialTokens#NONE} for none
 * @param special all tokens that have a role
 * @param sentinels tokens that stand for missing spans, in their order
 * @param continuing tokens that go on with a word
 */
public record TextTokens(int mask, Set<Integer> special, List<Integer> sentinels, Set<Integer> continuing) implements Serializable {
  public TextTokens {
    special = Set.copyOf(special);
    sentinels = List.copyOf(sentinels);
    continuing = Set.copyOf(continuing);
  }

  public static TextTokens of(TokenRoles roles) {
    return new TextTokens(roles.id(TokenRoles.Role.MASK).orElse(SpecialTokens.NONE), Set.copyOf(roles.all()), roles.sentinels(),
        roles.continuing());
  }
}
