package tomllines

import (
	"reflect"
	"testing"
)

func TestLinesSkipLongStrings(t *testing.T) {
	lines := Find("a = \"\"\"\nseed = 1\n[model]\n\"\"\"\nseed = 2\n[ \"data\" . 'my site' ]\nx = 1\n")
	want := Lines{"a": 1, "seed": 5, "data.my site": 6, "data.my site.x": 7}
	if !reflect.DeepEqual(lines, want) {
		t.Errorf("got %v, want %v", lines, want)
	}
}
