package adapt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"framepilot/probe"
)

// textBatch is how many texts the model is given at a time.
const textBatch = shardSize

// Texts returns the unit embeddings of texts (len(texts), d), cached like
// those of clips.
func (x *Extractor) Texts(ctx context.Context, texts []string) (probe.Matrix, error) {
	if err := x.embedTexts(ctx, x.newTexts(texts)); err != nil {
		return probe.Matrix{}, err
	}
	out := probe.NewMatrix(len(texts), x.info.Dim)
	for i, t := range texts {
		if err := x.shards.found[textAddress(t)].whole(out.Row(i)); err != nil {
			return probe.Matrix{}, fmt.Errorf("read the embedding of %q: %w", t, err)
		}
	}
	return out, nil
}

// newTexts returns the texts that are not cached, each once.
func (x *Extractor) newTexts(texts []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, t := range texts {
		if _, ok := x.shards.found[textAddress(t)]; !ok && !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}

func (x *Extractor) embedTexts(ctx context.Context, todo []string) (err error) {
	defer func() { err = errors.Join(err, x.shards.seal()) }()
	for batch := range slices.Chunk(todo, textBatch) {
		rows, err := x.model.EmbedTexts(ctx, batch)
		if err != nil {
			return fmt.Errorf("embed texts: %w", err)
		}
		if err := x.checkRows(rows, len(batch)); err != nil {
			return fmt.Errorf("embed texts: %w", err)
		}
		for i, t := range batch {
			row := slices.Clone(rows[i])
			if err := unit(row); err != nil {
				return fmt.Errorf("embed text %q: %w", t, err)
			}
			if err := x.shards.add(textAddress(t), sealed{Row: row}); err != nil {
				return err
			}
		}
	}
	return nil
}

func textAddress(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "text:" + hex.EncodeToString(sum[:])
}
