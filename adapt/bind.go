package adapt

import (
	"encoding"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"framepilot/internal/tomllines"
	"framepilot/internal/words"
)

// binder copies a decoded TOML tree into a struct over its default values,
// strictly: every unknown key and every wrong type is a problem, all of them
// reported, each with its own line. (The library's own decoder stops at the
// first and can't tell which table of an array it is in.)
//
// Fields are matched by their toml tag, exactly. `toml:"data,named"` fills a
// slice of structs from the tables [data.NAME], in the order of the file,
// with NAME in the field Name. A single value stands for a list of one.
type binder struct {
	*problems
	order map[string]int // key path → place in the file
}

func newBinder(p *problems, keys []toml.Key) *binder {
	b := &binder{p, map[string]int{}}
	for i, k := range keys {
		if path := strings.Join(k, "."); b.order[path] == 0 {
			b.order[path] = i + 1
		}
	}
	return b
}

// table fills the struct out from the table in.
func (b *binder) table(path string, in map[string]any, out reflect.Value) {
	known := map[string]bool{}
	var names []string
	for i := range out.NumField() {
		name, option, _ := strings.Cut(out.Type().Field(i).Tag.Get("toml"), ",")
		if name == "" || name == "-" {
			continue
		}
		known[name] = true
		names = append(names, name)
		v, ok := in[name]
		switch {
		case !ok:
		case option == "named":
			b.named(tomllines.Child(path, name), v, out.Field(i))
		default:
			b.value(tomllines.Child(path, name), v, out.Field(i))
		}
	}
	for _, key := range b.sorted(path, in) {
		if !known[key] {
			if best := words.Nearest(key, names); best != "" {
				b.add(tomllines.Child(path, key), "unknown key; did you mean %q?", best)
			} else {
				b.add(tomllines.Child(path, key), "unknown key; known here: %s", strings.Join(names, ", "))
			}
		}
	}
}

// named fills a slice of structs from the tables of the table in.
func (b *binder) named(path string, in any, out reflect.Value) {
	tables, ok := in.(map[string]any)
	if !ok {
		b.wrongType(path, "tables ["+path+".NAME]", in)
		return
	}
	out.SetZero() // the default gives way to what is written
	for _, name := range b.sorted(path, tables) {
		elem := reflect.New(out.Type().Elem()).Elem()
		elem.FieldByName("Name").SetString(name)
		b.value(tomllines.Child(path, name), tables[name], elem)
		out.Set(reflect.Append(out, elem))
	}
}

func (b *binder) value(path string, in any, out reflect.Value) {
	if u, ok := out.Addr().Interface().(encoding.TextUnmarshaler); ok {
		b.text(path, in, u)
		return
	}
	switch out.Kind() {
	case reflect.Pointer:
		out.Set(reflect.New(out.Type().Elem()))
		b.value(path, in, out.Elem())
	case reflect.Struct:
		if t, ok := in.(map[string]any); ok {
			b.table(path, t, out)
			return
		}
		b.wrongType(path, "a table", in)
	case reflect.Map: // its keys are strings of the user's
		b.entries(path, in, out)
	case reflect.Slice:
		b.list(path, in, out)
	case reflect.String:
		if s, ok := in.(string); ok {
			out.SetString(s)
			return
		}
		b.wrongType(path, "a string in quotes", in)
	case reflect.Int, reflect.Int64:
		if n, ok := in.(int64); ok && !out.OverflowInt(n) {
			out.SetInt(n)
			return
		}
		b.wrongType(path, "a whole number", in)
	case reflect.Float64:
		switch x := in.(type) {
		case float64:
			out.SetFloat(x)
		case int64:
			out.SetFloat(float64(x))
		default:
			b.wrongType(path, "a number", in)
		}
	case reflect.Bool:
		if v, ok := in.(bool); ok {
			out.SetBool(v)
			return
		}
		b.wrongType(path, "true or false", in)
	default:
		panic("adapt: plan field of a kind the binder does not know: " + out.Type().String())
	}
}

func (b *binder) text(path string, in any, out encoding.TextUnmarshaler) {
	switch in.(type) {
	case string, int64, float64:
		if err := out.UnmarshalText([]byte(fmt.Sprint(in))); err != nil {
			b.add(path, "%v", err)
		}
	default:
		b.wrongType(path, "a string or a number", in)
	}
}

func (b *binder) entries(path string, in any, out reflect.Value) {
	t, ok := in.(map[string]any)
	if !ok {
		b.wrongType(path, "a table", in)
		return
	}
	out.Set(reflect.MakeMap(out.Type()))
	for _, name := range b.sorted(path, t) {
		elem := reflect.New(out.Type().Elem()).Elem()
		b.value(tomllines.Child(path, name), t[name], elem)
		out.SetMapIndex(reflect.ValueOf(name), elem)
	}
}

// list fills a slice. Only lists of tables get an index into their path.
func (b *binder) list(path string, in any, out reflect.Value) {
	var items []any
	switch v := in.(type) {
	case []any:
		items = v
	case []map[string]any:
		for _, t := range v {
			items = append(items, t)
		}
	default:
		items = []any{v}
	}
	tables := out.Type().Elem().Kind() == reflect.Struct
	out.Set(reflect.MakeSlice(out.Type(), len(items), len(items)))
	for i, item := range items {
		p := path
		if tables {
			p = fmt.Sprintf("%s[%d]", path, i+1)
		}
		b.value(p, item, out.Index(i))
	}
}

func (b *binder) wrongType(path, want string, in any) {
	b.add(path, "want %s, not %s", words.Say(want), describe(in))
}

func describe(in any) words.Sentence {
	switch v := in.(type) {
	case string:
		return words.Say("the string %q", v)
	case int64, float64:
		return words.Say("the number %v", v)
	case bool:
		return words.Plain(fmt.Sprint(v))
	case time.Time:
		return words.Say("a date")
	case map[string]any:
		return words.Say("a table")
	}
	return words.Say("a list")
}

// sorted returns the keys of a table in the order of the file.
func (b *binder) sorted(path string, t map[string]any) []string {
	keys := make([]string, 0, len(t))
	for k := range t {
		keys = append(keys, k)
	}
	place := func(k string) int { return b.order[tomllines.Child(path, k)] }
	sort.Slice(keys, func(i, j int) bool {
		if place(keys[i]) != place(keys[j]) {
			return place(keys[i]) < place(keys[j])
		}
		return keys[i] < keys[j] // inside inline arrays nothing tells the order
	})
	return keys
}
