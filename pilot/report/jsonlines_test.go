package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestLayOut(t *testing.T) {
	long := strings.Repeat("x", lineLength)
	for src, want := range map[string]string{
		`{"a":1,"b":[1.5,2,{}]}`:                     `{"a": 1, "b": [1.5, 2, {}]}`,
		`{"a":[{"b":"}\"],"},2],"c":"` + long + `"}`: "{\n \"a\": [{\"b\": \"}\\\"],\"}, 2],\n \"c\": \"" + long + "\"\n}",
		`["` + long + `",[]]`:                        "[\n \"" + long + "\",\n []\n]",
		`3`:                                          `3`,
	} {
		if got := string(layOut([]byte(src))); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

// Whatever is laid out is the same JSON.
func FuzzLayOut(f *testing.F) {
	f.Add(`{"a":[{"b":"}\"]\\"},2.5e-7,null,true],"c":"` + strings.Repeat("x,:", 90) + `"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var compact, again bytes.Buffer
		if json.Compact(&compact, []byte(text)) != nil {
			return
		}
		if err := json.Compact(&again, layOut(compact.Bytes())); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Bytes(), compact.Bytes()) {
			t.Errorf("got %s\nwant %s", again.Bytes(), compact.Bytes())
		}
	})
}
