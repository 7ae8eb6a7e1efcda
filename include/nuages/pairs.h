/* The machinery behind keyword pairs and value lists. Written once, included by value.h only. */
#pragma once

/* Number of arguments, 0 … 32. */
#define NU_NARGS_(...) NU_NARGS_PICK_(0, ##__VA_ARGS__, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define NU_NARGS_PICK_(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32, n, ...) n

/* An array of pairs from ("key", value, …). */
#define NU_PAIRS(...) NU_JOIN(NU_PAIRS_, NU_NARGS_(__VA_ARGS__))(__VA_ARGS__)
#define NU_PAIR_(k, v) {(k), NU_V(v)}
#define NU_PAIRS_0(...) ((nu_pairs){NULL, 0})
#define NU_PAIRS_2(k1, v1) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1)}, 1})
#define NU_PAIRS_4(k1, v1, k2, v2) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1), NU_PAIR_(k2, v2)}, 2})
#define NU_PAIRS_6(k1, v1, k2, v2, k3, v3) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1), NU_PAIR_(k2, v2), NU_PAIR_(k3, v3)}, 3})
#define NU_PAIRS_8(k1, v1, k2, v2, k3, v3, k4, v4) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1), NU_PAIR_(k2, v2), NU_PAIR_(k3, v3), NU_PAIR_(k4, v4)}, 4})
#define NU_PAIRS_10(k1, v1, k2, v2, k3, v3, k4, v4, k5, v5) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1), NU_PAIR_(k2, v2), NU_PAIR_(k3, v3), NU_PAIR_(k4, v4), NU_PAIR_(k5, v5)}, 5})
#define NU_PAIRS_12(k1, v1, k2, v2, k3, v3, k4, v4, k5, v5, k6, v6) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1), NU_PAIR_(k2, v2), NU_PAIR_(k3, v3), NU_PAIR_(k4, v4), NU_PAIR_(k5, v5), NU_PAIR_(k6, v6)}, 6})
#define NU_PAIRS_14(k1, v1, k2, v2, k3, v3, k4, v4, k5, v5, k6, v6, k7, v7) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1), NU_PAIR_(k2, v2), NU_PAIR_(k3, v3), NU_PAIR_(k4, v4), NU_PAIR_(k5, v5), NU_PAIR_(k6, v6), NU_PAIR_(k7, v7)}, 7})
#define NU_PAIRS_16(k1, v1, k2, v2, k3, v3, k4, v4, k5, v5, k6, v6, k7, v7, k8, v8) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1), NU_PAIR_(k2, v2), NU_PAIR_(k3, v3), NU_PAIR_(k4, v4), NU_PAIR_(k5, v5), NU_PAIR_(k6, v6), NU_PAIR_(k7, v7), NU_PAIR_(k8, v8)}, 8})
#define NU_PAIRS_18(k1, v1, k2, v2, k3, v3, k4, v4, k5, v5, k6, v6, k7, v7, k8, v8, k9, v9) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1), NU_PAIR_(k2, v2), NU_PAIR_(k3, v3), NU_PAIR_(k4, v4), NU_PAIR_(k5, v5), NU_PAIR_(k6, v6), NU_PAIR_(k7, v7), NU_PAIR_(k8, v8), NU_PAIR_(k9, v9)}, 9})
#define NU_PAIRS_20(k1, v1, k2, v2, k3, v3, k4, v4, k5, v5, k6, v6, k7, v7, k8, v8, k9, v9, k10, v10) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1), NU_PAIR_(k2, v2), NU_PAIR_(k3, v3), NU_PAIR_(k4, v4), NU_PAIR_(k5, v5), NU_PAIR_(k6, v6), NU_PAIR_(k7, v7), NU_PAIR_(k8, v8), NU_PAIR_(k9, v9), NU_PAIR_(k10, v10)}, 10})
#define NU_PAIRS_22(k1, v1, k2, v2, k3, v3, k4, v4, k5, v5, k6, v6, k7, v7, k8, v8, k9, v9, k10, v10, k11, v11) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1), NU_PAIR_(k2, v2), NU_PAIR_(k3, v3), NU_PAIR_(k4, v4), NU_PAIR_(k5, v5), NU_PAIR_(k6, v6), NU_PAIR_(k7, v7), NU_PAIR_(k8, v8), NU_PAIR_(k9, v9), NU_PAIR_(k10, v10), NU_PAIR_(k11, v11)}, 11})
#define NU_PAIRS_24(k1, v1, k2, v2, k3, v3, k4, v4, k5, v5, k6, v6, k7, v7, k8, v8, k9, v9, k10, v10, k11, v11, k12, v12) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1), NU_PAIR_(k2, v2), NU_PAIR_(k3, v3), NU_PAIR_(k4, v4), NU_PAIR_(k5, v5), NU_PAIR_(k6, v6), NU_PAIR_(k7, v7), NU_PAIR_(k8, v8), NU_PAIR_(k9, v9), NU_PAIR_(k10, v10), NU_PAIR_(k11, v11), NU_PAIR_(k12, v12)}, 12})
#define NU_PAIRS_26(k1, v1, k2, v2, k3, v3, k4, v4, k5, v5, k6, v6, k7, v7, k8, v8, k9, v9, k10, v10, k11, v11, k12, v12, k13, v13) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1), NU_PAIR_(k2, v2), NU_PAIR_(k3, v3), NU_PAIR_(k4, v4), NU_PAIR_(k5, v5), NU_PAIR_(k6, v6), NU_PAIR_(k7, v7), NU_PAIR_(k8, v8), NU_PAIR_(k9, v9), NU_PAIR_(k10, v10), NU_PAIR_(k11, v11), NU_PAIR_(k12, v12), NU_PAIR_(k13, v13)}, 13})
#define NU_PAIRS_28(k1, v1, k2, v2, k3, v3, k4, v4, k5, v5, k6, v6, k7, v7, k8, v8, k9, v9, k10, v10, k11, v11, k12, v12, k13, v13, k14, v14) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1), NU_PAIR_(k2, v2), NU_PAIR_(k3, v3), NU_PAIR_(k4, v4), NU_PAIR_(k5, v5), NU_PAIR_(k6, v6), NU_PAIR_(k7, v7), NU_PAIR_(k8, v8), NU_PAIR_(k9, v9), NU_PAIR_(k10, v10), NU_PAIR_(k11, v11), NU_PAIR_(k12, v12), NU_PAIR_(k13, v13), NU_PAIR_(k14, v14)}, 14})
#define NU_PAIRS_30(k1, v1, k2, v2, k3, v3, k4, v4, k5, v5, k6, v6, k7, v7, k8, v8, k9, v9, k10, v10, k11, v11, k12, v12, k13, v13, k14, v14, k15, v15) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1), NU_PAIR_(k2, v2), NU_PAIR_(k3, v3), NU_PAIR_(k4, v4), NU_PAIR_(k5, v5), NU_PAIR_(k6, v6), NU_PAIR_(k7, v7), NU_PAIR_(k8, v8), NU_PAIR_(k9, v9), NU_PAIR_(k10, v10), NU_PAIR_(k11, v11), NU_PAIR_(k12, v12), NU_PAIR_(k13, v13), NU_PAIR_(k14, v14), NU_PAIR_(k15, v15)}, 15})
#define NU_PAIRS_32(k1, v1, k2, v2, k3, v3, k4, v4, k5, v5, k6, v6, k7, v7, k8, v8, k9, v9, k10, v10, k11, v11, k12, v12, k13, v13, k14, v14, k15, v15, k16, v16) ((nu_pairs){(const nu_pair[]){NU_PAIR_(k1, v1), NU_PAIR_(k2, v2), NU_PAIR_(k3, v3), NU_PAIR_(k4, v4), NU_PAIR_(k5, v5), NU_PAIR_(k6, v6), NU_PAIR_(k7, v7), NU_PAIR_(k8, v8), NU_PAIR_(k9, v9), NU_PAIR_(k10, v10), NU_PAIR_(k11, v11), NU_PAIR_(k12, v12), NU_PAIR_(k13, v13), NU_PAIR_(k14, v14), NU_PAIR_(k15, v15), NU_PAIR_(k16, v16)}, 16})

/* An odd number of arguments: a key without its value. */
#define NU_PAIRS_ODD_(...)                                                                    \
    ((nu_pairs){NULL, sizeof(struct { _Static_assert(0, "keyword arguments come in pairs: \"name\", value"); int x; })})
#define NU_PAIRS_1 NU_PAIRS_ODD_
#define NU_PAIRS_3 NU_PAIRS_ODD_
#define NU_PAIRS_5 NU_PAIRS_ODD_
#define NU_PAIRS_7 NU_PAIRS_ODD_
#define NU_PAIRS_9 NU_PAIRS_ODD_
#define NU_PAIRS_11 NU_PAIRS_ODD_
#define NU_PAIRS_13 NU_PAIRS_ODD_
#define NU_PAIRS_15 NU_PAIRS_ODD_
#define NU_PAIRS_17 NU_PAIRS_ODD_
#define NU_PAIRS_19 NU_PAIRS_ODD_
#define NU_PAIRS_21 NU_PAIRS_ODD_
#define NU_PAIRS_23 NU_PAIRS_ODD_
#define NU_PAIRS_25 NU_PAIRS_ODD_
#define NU_PAIRS_27 NU_PAIRS_ODD_
#define NU_PAIRS_29 NU_PAIRS_ODD_
#define NU_PAIRS_31 NU_PAIRS_ODD_

/* Values from C expressions, for nu_list_of. */
#define NU_VALUES_(...) NU_JOIN(NU_VALUES_, NU_NARGS_(__VA_ARGS__))(__VA_ARGS__)
#define NU_VALUES_0() {.type = NU_NULL}
#define NU_VALUES_1(a) NU_V(a)
#define NU_VALUES_2(a, ...) NU_V(a), NU_VALUES_1(__VA_ARGS__)
#define NU_VALUES_3(a, ...) NU_V(a), NU_VALUES_2(__VA_ARGS__)
#define NU_VALUES_4(a, ...) NU_V(a), NU_VALUES_3(__VA_ARGS__)
#define NU_VALUES_5(a, ...) NU_V(a), NU_VALUES_4(__VA_ARGS__)
#define NU_VALUES_6(a, ...) NU_V(a), NU_VALUES_5(__VA_ARGS__)
#define NU_VALUES_7(a, ...) NU_V(a), NU_VALUES_6(__VA_ARGS__)
#define NU_VALUES_8(a, ...) NU_V(a), NU_VALUES_7(__VA_ARGS__)
#define NU_VALUES_9(a, ...) NU_V(a), NU_VALUES_8(__VA_ARGS__)
#define NU_VALUES_10(a, ...) NU_V(a), NU_VALUES_9(__VA_ARGS__)
#define NU_VALUES_11(a, ...) NU_V(a), NU_VALUES_10(__VA_ARGS__)
#define NU_VALUES_12(a, ...) NU_V(a), NU_VALUES_11(__VA_ARGS__)
#define NU_VALUES_13(a, ...) NU_V(a), NU_VALUES_12(__VA_ARGS__)
#define NU_VALUES_14(a, ...) NU_V(a), NU_VALUES_13(__VA_ARGS__)
#define NU_VALUES_15(a, ...) NU_V(a), NU_VALUES_14(__VA_ARGS__)
#define NU_VALUES_16(a, ...) NU_V(a), NU_VALUES_15(__VA_ARGS__)
#define NU_VALUES_17(a, ...) NU_V(a), NU_VALUES_16(__VA_ARGS__)
#define NU_VALUES_18(a, ...) NU_V(a), NU_VALUES_17(__VA_ARGS__)
#define NU_VALUES_19(a, ...) NU_V(a), NU_VALUES_18(__VA_ARGS__)
#define NU_VALUES_20(a, ...) NU_V(a), NU_VALUES_19(__VA_ARGS__)
#define NU_VALUES_21(a, ...) NU_V(a), NU_VALUES_20(__VA_ARGS__)
#define NU_VALUES_22(a, ...) NU_V(a), NU_VALUES_21(__VA_ARGS__)
#define NU_VALUES_23(a, ...) NU_V(a), NU_VALUES_22(__VA_ARGS__)
#define NU_VALUES_24(a, ...) NU_V(a), NU_VALUES_23(__VA_ARGS__)
#define NU_VALUES_25(a, ...) NU_V(a), NU_VALUES_24(__VA_ARGS__)
#define NU_VALUES_26(a, ...) NU_V(a), NU_VALUES_25(__VA_ARGS__)
#define NU_VALUES_27(a, ...) NU_V(a), NU_VALUES_26(__VA_ARGS__)
#define NU_VALUES_28(a, ...) NU_V(a), NU_VALUES_27(__VA_ARGS__)
#define NU_VALUES_29(a, ...) NU_V(a), NU_VALUES_28(__VA_ARGS__)
#define NU_VALUES_30(a, ...) NU_V(a), NU_VALUES_29(__VA_ARGS__)
#define NU_VALUES_31(a, ...) NU_V(a), NU_VALUES_30(__VA_ARGS__)
#define NU_VALUES_32(a, ...) NU_V(a), NU_VALUES_31(__VA_ARGS__)
