package org.seqpe.compute;

/**
 * The head vectors that an attention call reads, or the places that its backward pass writes their gradients to.
 *
 * @param query vectors that ask, H of D elements in each row
 * @param key vectors that are asked
 * @param value vectors that are mixed
 * @param positionQuery the position term's side of the queries; null without position vectors
 * @param positionKey the position term's side of the keys; null without position vectors
 */
public record AttentionHeads(Heads query, Heads key, Heads value, Heads positionQuery, Heads positionKey) {
    /** Heads without a position term. */
    public static AttentionHeads of(Heads query, Heads key, Heads value) {
        return new AttentionHeads(query, key, value, null, null);
    }
}
