package bundle

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"framepilot/internal/safetensors"
	"framepilot/probe"
)

// FuzzAbout reads whatever text stands in a bundle's metadata beside tensors
// that are fine: it is refused, or gives a classifier that works.
func FuzzAbout(f *testing.F) {
	meta, entries := written(f)
	path := filepath.Join(f.TempDir(), "b.safetensors")
	if err := safetensors.Write(path, meta, entries, nil); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	n := binary.LittleEndian.Uint64(whole)
	var head map[string]json.RawMessage
	if err := json.Unmarshal(whole[8:8+n], &head); err != nil {
		f.Fatal(err)
	}
	f.Add(meta[aboutKey])
	f.Add(string(bytes.ReplaceAll([]byte(meta[aboutKey]), []byte(`"inner":[`), []byte(`"inner":[{"kind":"linear"},`))))
	f.Add(string(bytes.ReplaceAll([]byte(meta[aboutKey]), []byte(`"beta":`), []byte(`"beta":-`))))
	f.Add(string(bytes.ReplaceAll([]byte(meta[aboutKey]), []byte(`"classifier":{`), []byte(`"multi_label":true,"thresholds":[0.5],"classifier":{"kind":"tags","numbers":{"slope":0},`))))
	f.Add(string(bytes.ReplaceAll([]byte(meta[aboutKey]), []byte(`"method":`), []byte(`"added":[{"class":"nowhere","clips":-1}],"method":`))))
	f.Fuzz(func(t *testing.T, text string) {
		head["__metadata__"], err = json.Marshal(map[string]string{formatKey: Format, aboutKey: text})
		if err != nil {
			t.Fatal(err)
		}
		header, err := json.Marshal(head)
		if err != nil {
			t.Fatal(err)
		}
		file := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
		file = append(file, whole[8+n:]...)
		opened, err := safetensors.New(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		b, err := read(opened)
		if err != nil {
			return
		}
		answers, err := b.Classify(probe.Matrix{Rows: 1, Cols: b.Width, Data: append([]float32{1}, make([]float32, b.Width-1)...)})
		if err == nil && len(answers[0].Scores) != len(b.Classes) {
			t.Errorf("%d scores of %d classes", len(answers[0].Scores), len(b.Classes))
		}
	})
}
