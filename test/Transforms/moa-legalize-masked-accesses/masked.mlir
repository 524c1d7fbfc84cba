// RUN: moa-opt %s --moa-legalize-masked-accesses | FileCheck %s

// CHECK-LABEL: llvm.func @load
// CHECK-SAME: %[[FROM:.*]]: !llvm.ptr, %[[MASK:.*]]: vector<8xi1>, %[[REST:.*]]: vector<8xbf16>
// CHECK: %[[BITS:.*]] = llvm.bitcast %[[REST]] : vector<8xbf16> to vector<8xi16>
// CHECK: %[[LOADED:.*]] = llvm.intr.masked.load %[[FROM]], %[[MASK]], %[[BITS]] {alignment = 2 : i32}
// CHECK-SAME: -> vector<8xi16>
// CHECK: %[[RESULT:.*]] = llvm.bitcast %[[LOADED]] : vector<8xi16> to vector<8xbf16>
// CHECK: llvm.return %[[RESULT]]
llvm.func @load(%from: !llvm.ptr, %mask: vector<8xi1>, %rest: vector<8xbf16>)
    -> vector<8xbf16> {
  %0 = llvm.intr.masked.load %from, %mask, %rest {alignment = 2 : i32}
      : (!llvm.ptr, vector<8xi1>, vector<8xbf16>) -> vector<8xbf16>
  llvm.return %0 : vector<8xbf16>
}

// CHECK-LABEL: llvm.func @store
// CHECK: %[[BITS:.*]] = llvm.bitcast %{{.*}} : vector<8xf16> to vector<8xi16>
// CHECK: llvm.intr.masked.store %[[BITS]], {{.*}} {alignment = 2 : i32}
// CHECK-SAME: vector<8xi16>, vector<8xi1> into !llvm.ptr
llvm.func @store(%value: vector<8xf16>, %to: !llvm.ptr, %mask: vector<8xi1>) {
  llvm.intr.masked.store %value, %to, %mask {alignment = 2 : i32}
      : vector<8xf16>, vector<8xi1> into !llvm.ptr
  llvm.return
}

// Wider floats and integers stay.

// CHECK-LABEL: llvm.func @others
// CHECK-NOT: llvm.bitcast
// CHECK: llvm.intr.masked.store {{.*}} : vector<8xf32>
// CHECK: llvm.intr.masked.store {{.*}} : vector<8xi16>
llvm.func @others(%a: vector<8xf32>, %b: vector<8xi16>, %to: !llvm.ptr,
                  %mask: vector<8xi1>) {
  llvm.intr.masked.store %a, %to, %mask {alignment = 4 : i32}
      : vector<8xf32>, vector<8xi1> into !llvm.ptr
  llvm.intr.masked.store %b, %to, %mask {alignment = 2 : i32}
      : vector<8xi16>, vector<8xi1> into !llvm.ptr
  llvm.return
}
