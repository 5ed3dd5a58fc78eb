//===- Model.cpp - A model in ONNX's format -------------------------------===//
//
// Part of the attn project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphImporter.h"
#include "attn/IR/AttnDialect.h"
#include "attn/Import/ONNX.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::attn;
using namespace mlir::attn::onnx_import;

OnnxModel::OnnxModel() = default;
OnnxModel::~OnnxModel() = default;
OnnxModel::OnnxModel(OnnxModel &&) = default;
OnnxModel &OnnxModel::operator=(OnnxModel &&) = default;

/// An error whose names, which a model may choose at will, keep it on one line.
static llvm::Error makeError(const Twine &message) {
  std::string text = message.str(), escaped;
  llvm::raw_string_ostream os(escaped);
  for (char c : text)
    if (llvm::isPrint(c) || static_cast<unsigned char>(c) >= 0x80)
      os << c;
    else
      os << "\\x" << llvm::format("%02x", static_cast<unsigned char>(c));
  return llvm::createStringError(escaped);
}

/// The inputs without a value in the model, in order.
static SmallVector<const onnx::ValueInfoProto *>
getInputs(const onnx::GraphProto &graph) {
  llvm::StringSet<> known;
  for (const onnx::TensorProto &tensor : graph.initializer())
    known.insert(tensor.name());
  SmallVector<const onnx::ValueInfoProto *> inputs;
  for (const onnx::ValueInfoProto &input : graph.input())
    if (!known.contains(input.name()))
      inputs.push_back(&input);
  return inputs;
}

llvm::Expected<OnnxModel> OnnxModel::parse(StringRef bytes, StringRef folder) {
  OnnxModel result;
  result.model = std::make_unique<onnx::ModelProto>();
  result.folder = folder;
  if (bytes.size() > INT_MAX)
    return llvm::createStringError(
        "the model has more than 2 GiB, expected its tensors in other files");
  if (!result.model->ParseFromArray(bytes.data(),
                                    static_cast<int>(bytes.size())) ||
      !result.model->has_graph() || result.model->ir_version() <= 0)
    return llvm::createStringError("no ONNX model, or one that is cut off");
  for (const auto *input : getInputs(result.model->graph())) {
    if (!input->type().has_tensor_type() ||
        !input->type().tensor_type().has_shape())
      return makeError("input '" + input->name() +
                       "' is no tensor of known rank, which is not supported");
    result.inputNames.push_back(input->name());
    result.inputShapes.emplace_back();
    for (const auto &dim : input->type().tensor_type().shape().dim())
      result.inputShapes.back().push_back(
          dim.has_dim_value() ? dim.dim_value() : ShapedType::kDynamic);
  }
  return result;
}

llvm::Expected<OnnxModel> OnnxModel::read(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return llvm::createStringError("cannot open '" + path +
                                   "': " + buffer.getError().message());
  auto model =
      parse((*buffer)->getBuffer(), llvm::sys::path::parent_path(path));
  if (!model)
    return llvm::createStringError("'" + path +
                                   "': " + llvm::toString(model.takeError()));
  return model;
}

llvm::Error OnnxModel::bindDimension(StringRef name, int64_t size) {
  for (const auto *input : getInputs(model->graph()))
    for (const auto &dim : input->type().tensor_type().shape().dim())
      if (name == dim.dim_param()) {
        auto [entry, isNew] = dimensions.try_emplace(name, size);
        if (isNew || entry->second == size)
          return llvm::Error::success();
        return llvm::createStringError(
            "dimension '" + name + "' has the sizes " + Twine(entry->second) +
            " and " + Twine(size));
      }
  return llvm::createStringError("no input has a dimension '" + name + "'");
}

llvm::Error OnnxModel::bindInput(unsigned input, ArrayRef<int64_t> shape) {
  auto &dims = getInputs(model->graph())[input]->type().tensor_type().shape();
  auto fail = [&](const Twine &message) {
    return makeError("input '" + inputNames[input] + "' " + message);
  };
  if (dims.dim_size() != static_cast<int>(shape.size()))
    return fail("has rank " + Twine(shape.size()) + ", expected " +
                Twine(dims.dim_size()));
  for (auto [i, size] : llvm::enumerate(shape)) {
    const auto &dim = dims.dim(static_cast<int>(i));
    if (dim.has_dim_value() && dim.dim_value() != size)
      return fail("has size " + Twine(size) + " in dimension " + Twine(i) +
                  ", expected " + Twine(dim.dim_value()));
    if (!dim.dim_param().empty())
      if (llvm::Error error = bindDimension(dim.dim_param(), size))
        return error;
    inputShapes[input][i] = size;
  }
  return llvm::Error::success();
}

void OnnxModel::bindValue(unsigned input, ArrayRef<char> bytes) {
  inputValues[input].assign(bytes.begin(), bytes.end());
}

/// The type of an input, every size of which is known.
static llvm::Expected<RankedTensorType>
getInputType(MLIRContext *context, const onnx::ValueInfoProto &input,
             ArrayRef<int64_t> bound, const llvm::StringMap<int64_t> &sizes) {
  const auto &type = input.type().tensor_type();
  Type element = getElementType(context, type.elem_type());
  if (!element)
    return llvm::createStringError(
        "input '" + input.name() + "' has elements of type " +
        getTypeName(type.elem_type()) + ", which is not supported");
  SmallVector<int64_t> shape(bound);
  for (auto [i, size] : llvm::enumerate(shape)) {
    const std::string &name = type.shape().dim(static_cast<int>(i)).dim_param();
    auto known = sizes.find(name);
    if (ShapedType::isDynamic(size) && known != sizes.end())
      size = known->second;
    if (ShapedType::isDynamic(size) && name.empty())
      return llvm::createStringError("dimension " + Twine(i) + " of input '" +
                                     input.name() +
                                     "' has no size and no name");
    if (ShapedType::isDynamic(size))
      return llvm::createStringError(
          "dimension '" + name + "' of input '" + input.name() +
          "' has no size; --onnx-dim=" + name + "=N gives it one");
  }
  if (!isShape(shape))
    return llvm::createStringError("the shape of input '" + input.name() +
                                   "' is no shape of a tensor");
  return RankedTensorType::get(shape, element);
}

/// Checks what a graph says about one of its outputs, which it need not: sizes
/// without a number are any.
static llvm::Error checkOutput(const onnx::ValueInfoProto &output,
                               RankedTensorType type) {
  if (!output.type().has_tensor_type())
    return llvm::Error::success();
  const auto &declared = output.type().tensor_type();
  auto fail = [&](const Twine &found, const Twine &expected) {
    return llvm::createStringError("output '" + output.name() + "' " + found +
                                   ", but the graph declares " + expected);
  };
  Type element = getElementType(type.getContext(), declared.elem_type());
  if (declared.elem_type() != onnx::TensorProto::UNDEFINED &&
      element != type.getElementType()) {
    std::string name;
    llvm::raw_string_ostream(name) << type.getElementType();
    return fail("has elements of type " + name,
                getTypeName(declared.elem_type()));
  }
  if (!declared.has_shape())
    return llvm::Error::success();
  const auto &dims = declared.shape();
  if (dims.dim_size() != type.getRank())
    return fail("has rank " + Twine(type.getRank()), Twine(dims.dim_size()));
  for (auto [i, size] : llvm::enumerate(type.getShape())) {
    const auto &dim = dims.dim(static_cast<int>(i));
    if (dim.has_dim_value() && dim.dim_value() != size)
      return fail("has size " + Twine(size) + " in dimension " + Twine(i),
                  Twine(dim.dim_value()));
  }
  return llvm::Error::success();
}

llvm::Expected<OwningOpRef<ModuleOp>> OnnxModel::import(MLIRContext *context) {
  context
      ->loadDialect<AttnDialect, arith::ArithDialect, cf::ControlFlowDialect,
                    func::FuncDialect, linalg::LinalgDialect, math::MathDialect,
                    scf::SCFDialect, tensor::TensorDialect>();
  const onnx::GraphProto &graph = model->graph();
  GraphImporter::OperatorSets versions;
  for (const auto &set : model->opset_import())
    versions[set.domain() == "ai.onnx" ? "" : set.domain()] = set.version();

  SmallVector<Type> types;
  for (auto [input, bound] : llvm::zip_equal(getInputs(graph), inputShapes)) {
    auto type = getInputType(context, *input, bound, dimensions);
    if (!type)
      return makeError(llvm::toString(type.takeError()));
    types.push_back(*type);
  }
  OpBuilder b(context);
  Location loc = UnknownLoc::get(context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  b.setInsertionPointToStart(module->getBody());
  auto function =
      func::FuncOp::create(b, loc, "main", b.getFunctionType(types, {}));
  Block *body = function.addEntryBlock();
  b.setInsertionPointToStart(body);
  ModelContext shared{*model, folder, {}};
  GraphImporter importer(shared, versions, b);
  for (auto [name, argument] :
       llvm::zip_equal(inputNames, body->getArguments()))
    importer.set(name, argument);
  for (const auto &[input, bytes] : inputValues)
    shared.evaluator.setValue(
        body->getArgument(input),
        makeElements(cast<RankedTensorType>(types[input]), bytes));
  auto results = importer.importGraph(graph);
  if (!results)
    return makeError(llvm::toString(results.takeError()));
  for (auto [output, result] : llvm::zip_equal(graph.output(), *results))
    if (llvm::Error error =
            checkOutput(output, cast<RankedTensorType>(result.getType())))
      return makeError(llvm::toString(std::move(error)));
  func::ReturnOp::create(b, loc, *results);
  function.setType(b.getFunctionType(types, TypeRange(ValueRange(*results))));
  for (auto [i, name] : llvm::enumerate(inputNames))
    function.setArgAttr(i, kValueNameAttr, b.getStringAttr(name));
  for (auto [i, output] : llvm::enumerate(graph.output()))
    function.setResultAttr(i, kValueNameAttr, b.getStringAttr(output.name()));
  // What only shapes were computed from.
  IRRewriter rewriter(context);
  (void)runRegionDCE(rewriter, function->getRegions());
  // What no converter checked: element types that an operator does not take.
  std::string problem;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    if (problem.empty()) {
      llvm::raw_string_ostream os(problem);
      if (auto name = dyn_cast<NameLoc>(diagnostic.getLocation()))
        os << name.getName().getValue() << ": ";
      os << diagnostic;
    }
    return success();
  });
  if (failed(verify(*module)))
    return makeError(problem);
  return module;
}
