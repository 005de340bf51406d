package adapt

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"framepilot/probe"
)

// framed is fakeModel with half of a row for one frame.
type framed struct{ *fakeModel }

func (m framed) Info() ModelInfo {
	info := m.fakeModel.Info()
	info.Tokens, info.Key = 1, info.Key+" framed"
	return info
}

// TestFramesStayInTheShards: with a cache, of a row that holds frames only the
// clip's own values are held, made now or before, and it reads as it does from
// memory; a shard that is gone by then is an error.
func TestFramesStayInTheShards(t *testing.T) {
	b := newBench(t, shardSize+3)
	features := func(cache string) (probe.Features, probe.Matrix, *Extractor) {
		x, err := NewExtractor(framed{&fakeModel{}}, &fakeReader{}, ExtractOptions{Cache: cache, Root: b.dir})
		if err != nil {
			t.Fatal(err)
		}
		e, err := x.Clips(t.Context(), b.items)
		if err != nil {
			t.Fatal(err)
		}
		f, err := e.Features(b.items, []string{"x"}, 20)
		if err != nil {
			t.Fatal(err)
		}
		texts, err := x.Texts(t.Context(), []string{"red blue", "green red"})
		if err != nil {
			t.Fatal(err)
		}
		return f, texts, x
	}
	want, wantTexts, _ := features("")
	cache := t.TempDir()
	for _, when := range []string{"made", "cached"} {
		got, texts, x := features(cache)
		if got.X.Data != nil || x.shards.held != fakeDim/2 {
			t.Errorf("%s: all of the rows are held", when)
		}
		if !bytes.Equal(got.Digest(), want.Digest()) || !bytes.Equal(got.Pooled().Digest(), want.Pooled().Digest()) {
			t.Errorf("%s: rows differ from those in memory", when)
		}
		for i := range texts.Data {
			if texts.Data[i] != wantTexts.Data[i] {
				t.Fatalf("%s: texts are %v, want %v", when, texts.Data, wantTexts.Data)
			}
		}
	}
	got, _, _ := features(cache)
	list, err := filepath.Glob(filepath.Join(cache, "*", "*"+shardExt))
	if err != nil || len(list) < 2 {
		t.Fatal(list, err)
	}
	if err := os.Remove(list[0]); err != nil {
		t.Fatal(err)
	}
	if got.Digest(); got.X.Err() == nil {
		t.Error("a row was read from a shard that is gone")
	}
}
